with

final as (
    select
        id as team_id,
        name,
        cast(null as string) as parent_team_id,
        cast(null as string) as region,
        {{ utc_text('updated_at') }} as source_updated_at,
        _fivetran_deleted as is_deleted,
        cast(null as string) as is_test,
        id as row_key,
        {{ landed_columns() }}
    from {{ source('zendesk', 'group') }}
)

select * from final
