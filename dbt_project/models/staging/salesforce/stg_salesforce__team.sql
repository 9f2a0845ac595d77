with

final as (
    select
        roles.id as team_id,
        roles.name,
        roles.parent_role_id as parent_team_id,
        cast(null as string) as region,
        {{ utc_text(salesforce_updated_at('roles')) }} as source_updated_at,
        case
            when {{ says_yes('roles._fivetran_deleted') }} or {{ says_no('roles._fivetran_active') }}
                then 'true'
        end as is_deleted,
        cast(null as string) as is_test,
        roles.id as row_key,
        {{ landed_columns('roles') }}
    from {{ source('salesforce', 'user_role') }} as roles
)

select * from final
