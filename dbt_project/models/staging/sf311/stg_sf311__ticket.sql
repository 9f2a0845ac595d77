with

final as (
    select
        unique_key as ticket_id,
        cast(null as string) as account_id,
        cast(null as string) as contact_id,
        cast(null as string) as order_id,
        'request' as kind,
        category,
        cast(null as string) as priority,
        source as channel,
        lower(status) as status,
        complaint_type as subject,
        cast(null as string) as assignee_user_id,
        agency_name as team_id,
        created_date as created_at,
        cast(null as string) as first_replied_at,
        closed_date as solved_at,
        closed_date as closed_at,
        status_notes as resolution,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        unique_key as row_key,
        {{ landed_columns() }}
    from {{ source('sf311', 'service_request') }}
)

select * from final
