with

final as (
    select
        id as user_id,
        name,
        email,
        cast(null as string) as team_id,
        'service' as role,
        cast(null as string) as manager_user_id,
        active as is_active,
        cast(null as string) as hired_on,
        cast(null as string) as left_on,
        cast(null as string) as weekly_hours,
        {{ utc_text('updated_at') }} as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        id as row_key,
        {{ landed_columns() }}
    from {{ ref('stg_zendesk__person') }}
    where is_agent
)

select * from final
