-- Whose hours a ticket's business minutes are counted in: those of the policy that promised its first reply when it was
-- created, else of any policy, else of the first schedule of its source.
with

schedules as (
    select distinct
        source,
        schedule_id
    from {{ ref('int_business_schedule') }}
    where not is_test
),

first_schedules as (
    select
        source,
        min(schedule_id) as schedule_id
    from schedules
    group by source
),

-- a policy whose schedule is gone has no hours to count in
policies as (
    select policies.*
    from {{ ref('int_sla_policy') }} as policies
    inner join schedules
        on policies.source = schedules.source and policies.schedule_id = schedules.schedule_id
    where not policies.is_test and policies.clock = 'business'
),

tickets as (
    select
        source,
        ticket_id,
        value as priority,
        valid_from as created_at,
        row_number() over (partition by source, ticket_id order by valid_from asc nulls last) as number
    from {{ ref('int_ticket_spans') }}
    where attribute = 'priority'
),

promised as (
    select
        tickets.source,
        tickets.ticket_id,
        policies.schedule_id,
        row_number() over (
            partition by tickets.source, tickets.ticket_id
            order by
                policies.metric asc nulls last,
                policies.priority is null asc nulls last,
                policies.policy_id asc nulls last
        ) as choice
    from tickets
    inner join policies
        on tickets.source = policies.source
        and coalesce(policies.priority, tickets.priority, '') = coalesce(tickets.priority, '')
        and tickets.created_at >= coalesce(policies.valid_from, timestamp '1900-01-01 00:00:00')
        and tickets.created_at < coalesce(policies.valid_to, timestamp '9999-12-31 00:00:00')
    where tickets.number = 1
),

final as (
    select
        tickets.source,
        tickets.ticket_id,
        coalesce(promised.schedule_id, first_schedules.schedule_id) as schedule_id
    from tickets
    left join promised
        on tickets.source = promised.source and tickets.ticket_id = promised.ticket_id and promised.choice = 1
    left join first_schedules on tickets.source = first_schedules.source
    where tickets.number = 1
)

select * from final
