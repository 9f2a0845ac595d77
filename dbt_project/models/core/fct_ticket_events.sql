-- One row per event of a ticket that is not deleted.
with

events as (
    select * from {{ ref('int_ticket_event') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
),

replies as (
    select
        replies.source,
        replies.ticket_id,
        replies.event_id,
        replies.number,
        replies.asked_at,
        {{ second_of('replies.replied_at') }} - {{ second_of('replies.asked_at') }} as wait_seconds,
        replied.open_seconds - asked.open_seconds as wait_business_seconds
    from {{ ref('int_ticket_replies') }} as replies
    inner join tickets
        on replies.source = tickets.source and replies.ticket_id = tickets.ticket_id
    left join {{ ref('int_business_clock') }} as replied
        on tickets.source = replied.source
        and tickets.schedule_id = replied.schedule_id
        and replies.replied_at = replied.instant
    left join {{ ref('int_business_clock') }} as asked
        on tickets.source = asked.source
        and tickets.schedule_id = asked.schedule_id
        and replies.asked_at = asked.instant
),

final as (
    select
        {{ surrogate_key(['events.source', 'events.event_id']) }} as ticket_event_key,
        events.source,
        events.event_id,
        tickets.ticket_key,
        events.ticket_id,
        events.occurred_at,
        {{ local_date('events.occurred_at') }} as occurred_on,
        events.kind,
        coalesce(events.actor, '(unknown)') as actor,
        events.actor_user_id,
        coalesce(users.team_id, tickets.team_id) as team_id,
        -- of anything else they may be text about somebody
        case when events.kind in ('status', 'priority', 'assignee', 'merge') then events.from_value end as from_value,
        case when events.kind in ('status', 'priority', 'assignee', 'merge') then events.to_value end as to_value,
        events.handle_seconds,
        replies.number as reply_number,
        replies.asked_at,
        replies.wait_seconds,
        replies.wait_business_seconds,
        case when events.is_test then 'test' else tickets.exclusion end as exclusion,
        events.batch_id,
        events.row_number
    from events
    inner join tickets
        on events.source = tickets.source and events.ticket_id = tickets.ticket_id
    left join replies
        on events.source = replies.source
        and events.ticket_id = replies.ticket_id
        and events.event_id = replies.event_id
    left join {{ ref('dim_user') }} as users
        on events.source = users.source
        and events.actor_user_id = users.user_id
        and events.occurred_at >= users.valid_from
        and events.occurred_at < users.valid_to
)

select * from final
