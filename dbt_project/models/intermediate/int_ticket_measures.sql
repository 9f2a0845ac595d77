-- When a ticket was first answered and solved, and how long that took by the calendar and by the business clock.
with

tickets as (
    select * from {{ ref('int_ticket') }}
),

-- a source that logs messages logs the answers too: without one among them nobody answered
logged as (
    select
        source,
        ticket_id,
        count(*) filter (where kind = 'public_reply') > 0 as has_messages
    from {{ ref('int_ticket_event') }}
    where not is_test
    group by source, ticket_id
),

flows as (
    select
        source,
        ticket_id,
        min(occurred_at) filter (where flow = 'solved') as first_solved_at,
        max(occurred_at) filter (where flow = 'solved') as last_solved_at,
        min(occurred_at) filter (where flow = 'reopened') as first_reopened_at,
        count(*) filter (where flow = 'reopened') as reopenings,
        min(occurred_at) filter (where flow = 'removed') as removed_at,
        max_by(flow, number) as last_flow
    from {{ ref('int_ticket_flows') }}
    group by source, ticket_id
),

-- what is written long after the first resolution is not what it took
replies as (
    select
        answers.source,
        answers.ticket_id,
        min(answers.replied_at) as first_replied_at,
        count(*) filter (
            where flows.first_solved_at is null
            or {{ happened_within('answers.replied_at', 'flows.first_solved_at', var('reopen_days')) }}
        ) as agent_replies
    from {{ ref('int_ticket_replies') }} as answers
    inner join flows on answers.source = flows.source and answers.ticket_id = flows.ticket_id
    group by answers.source, answers.ticket_id
),

-- an answer before the question is taken to have come with it
told as (
    select
        tickets.source,
        tickets.ticket_id,
        tickets.created_at,
        schedules.schedule_id,
        case
            when coalesce(logged.has_messages, false) then replies.first_replied_at
            when tickets.first_replied_at < tickets.created_at then tickets.created_at
            else tickets.first_replied_at
        end as first_replied_at,
        case when coalesce(logged.has_messages, false) then coalesce(replies.agent_replies, 0) end as agent_replies,
        flows.first_solved_at,
        case when flows.last_flow = 'solved' then flows.last_solved_at end as last_solved_at,
        flows.first_reopened_at,
        flows.reopenings,
        flows.removed_at
    from tickets
    inner join flows on tickets.source = flows.source and tickets.ticket_id = flows.ticket_id
    left join {{ ref('int_ticket_schedule') }} as schedules
        on tickets.source = schedules.source and tickets.ticket_id = schedules.ticket_id
    left join logged on tickets.source = logged.source and tickets.ticket_id = logged.ticket_id
    left join replies on tickets.source = replies.source and tickets.ticket_id = replies.ticket_id
),

-- the customer waits while the ticket is new, open or on hold, and not while it is pending
waits as (
    select
        spans.source,
        spans.ticket_id,
        sum({{ second_of('spans.valid_to') }} - {{ second_of('spans.valid_from') }}) as wait_seconds,
        sum(ends.open_seconds - starts.open_seconds) as wait_business_seconds
    from {{ ref('int_ticket_spans') }} as spans
    inner join told
        on spans.source = told.source
        and spans.ticket_id = told.ticket_id
        and spans.valid_to <= told.last_solved_at
    left join {{ ref('int_business_clock') }} as starts
        on told.source = starts.source
        and told.schedule_id = starts.schedule_id
        and spans.valid_from = starts.instant
    left join {{ ref('int_business_clock') }} as ends
        on told.source = ends.source and told.schedule_id = ends.schedule_id and spans.valid_to = ends.instant
    where spans.attribute = 'status' and spans.value in ('new', 'open', 'on_hold')
    group by spans.source, spans.ticket_id
),

final as (
    select
        told.source,
        told.ticket_id,
        told.schedule_id,
        told.first_replied_at,
        told.agent_replies,
        told.first_solved_at,
        told.last_solved_at,
        told.first_reopened_at,
        told.reopenings,
        told.removed_at,
        {{ second_of('told.first_replied_at') }} - {{ second_of('told.created_at') }} as first_reply_seconds,
        replied.open_seconds - created.open_seconds as first_reply_business_seconds,
        {{ second_of('told.first_solved_at') }} - {{ second_of('told.created_at') }} as first_resolution_seconds,
        first_solved.open_seconds - created.open_seconds as first_resolution_business_seconds,
        {{ second_of('told.last_solved_at') }} - {{ second_of('told.created_at') }} as full_resolution_seconds,
        last_solved.open_seconds - created.open_seconds as full_resolution_business_seconds,
        cast(case when told.last_solved_at is not null then coalesce(waits.wait_seconds, 0) end as bigint)
            as requester_wait_seconds,
        cast(
            case
                when told.last_solved_at is not null and created.open_seconds is not null
                    then coalesce(waits.wait_business_seconds, 0)
            end as bigint
        ) as requester_wait_business_seconds
    from told
    left join waits on told.source = waits.source and told.ticket_id = waits.ticket_id
    left join {{ ref('int_business_clock') }} as created
        on told.source = created.source
        and told.schedule_id = created.schedule_id
        and told.created_at = created.instant
    left join {{ ref('int_business_clock') }} as replied
        on told.source = replied.source
        and told.schedule_id = replied.schedule_id
        and told.first_replied_at = replied.instant
    left join {{ ref('int_business_clock') }} as first_solved
        on told.source = first_solved.source
        and told.schedule_id = first_solved.schedule_id
        and told.first_solved_at = first_solved.instant
    left join {{ ref('int_business_clock') }} as last_solved
        on told.source = last_solved.source
        and told.schedule_id = last_solved.schedule_id
        and told.last_solved_at = last_solved.instant
)

select * from final
