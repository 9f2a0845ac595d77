with

final as (
    select
        cast(_row_number as string) as event_id,
        "case" as ticket_id,
        replace(starttime, '/', '-') as occurred_at,
        case
            when event in ('Insert ticket', 'Wait', 'Resolve ticket', 'RESOLVED', 'Closed') then 'status'
            when event = 'Take in charge ticket' then 'assignee'
            when event = 'Assign seriousness' then 'priority'
            else 'other'
        end as kind,
        'agent' as actor,
        "org:resource" as actor_user_id,
        cast(null as string) as from_value,
        case event
            when 'Insert ticket' then 'new'
            when 'Wait' then 'on_hold'
            when 'Resolve ticket' then 'solved'
            when 'RESOLVED' then 'solved'
            when 'Closed' then 'closed'
            when 'Take in charge ticket' then "org:resource"
        end as to_value,
        cast(null as string) as handle_seconds,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        cast(_row_number as string) as row_key,
        {{ landed_columns() }}
    from {{ source('helpdesk_log', 'event') }}
)

select * from final
