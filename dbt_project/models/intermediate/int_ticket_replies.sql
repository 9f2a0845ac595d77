-- Every answer that a person gave a customer. What the system sends is no answer, and what an agent wrote when opening
-- the ticket is the request.
with

tickets as (
    select
        source,
        ticket_id,
        created_at
    from {{ ref('int_ticket') }}
),

messages as (
    select
        events.source,
        events.ticket_id,
        events.event_id,
        events.actor,
        events.actor_user_id,
        events.occurred_at
    from {{ ref('int_ticket_event') }} as events
    inner join tickets
        on events.source = tickets.source and events.ticket_id = tickets.ticket_id
    where
        events.kind = 'public_reply'
        and events.actor in ('agent', 'customer')
        and not events.is_test
        and events.occurred_at > tickets.created_at
    union all
    select
        source,
        ticket_id,
        '' as event_id,
        'customer' as actor,
        cast(null as string) as actor_user_id,
        created_at as occurred_at
    from tickets
),

numbered as (
    select
        *,
        sum(case when actor = 'agent' then 1 else 0 end) over (
            partition by source, ticket_id
            order by occurred_at asc nulls last, event_id asc nulls last
            rows between unbounded preceding and current row
        ) as replies
    from messages
),

-- since when the customer waits for the answer that comes next
questions as (
    select
        source,
        ticket_id,
        replies + 1 as number,
        min(occurred_at) as asked_at
    from numbered
    where actor = 'customer'
    group by source, ticket_id, replies
),

final as (
    select
        numbered.source,
        numbered.ticket_id,
        numbered.event_id,
        cast(numbered.replies as bigint) as number,
        numbered.actor_user_id,
        numbered.occurred_at as replied_at,
        questions.asked_at
    from numbered
    left join questions
        on numbered.source = questions.source
        and numbered.ticket_id = questions.ticket_id
        and numbered.replies = questions.number
    where numbered.actor = 'agent'
)

select * from final
