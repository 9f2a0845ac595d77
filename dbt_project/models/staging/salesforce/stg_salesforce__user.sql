with

final as (
    select
        users.id as user_id,
        users.name,
        users.email,
        users.user_role_id as team_id,
        cast(null as string) as role,
        users.manager_id as manager_user_id,
        users.is_active,
        cast(null as string) as hired_on,
        cast(null as string) as left_on,
        cast(null as string) as weekly_hours,
        {{ utc_text(salesforce_updated_at('users')) }} as source_updated_at,
        case
            when {{ says_yes('users._fivetran_deleted') }} or {{ says_no('users._fivetran_active') }}
                then 'true'
        end as is_deleted,
        cast(null as string) as is_test,
        users.id as row_key,
        {{ landed_columns('users') }}
    from {{ source('salesforce', 'user') }} as users
)

select * from final
