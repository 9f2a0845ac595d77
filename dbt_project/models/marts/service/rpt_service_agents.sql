with

tickets as (
    select * from {{ ref('fct_tickets') }} where exclusion is null
),

flows as (
    select * from {{ ref('fct_ticket_flows') }} where exclusion is null
),

ticket_events as (
    select * from {{ ref('fct_ticket_events') }} where exclusion is null
),

-- who worked on which ticket on which day, and how long
work as (
    select
        'work' as event,
        source,
        coalesce(actor_user_id, '(unknown)') as user_id,
        occurred_on as happened_on,
        ticket_key,
        handle_seconds,
        case when reply_number = 1 then wait_seconds end as first_reply_seconds,
        case when reply_number = 1 then wait_business_seconds end as first_reply_business_seconds,
        false as is_judged,
        false as is_true
    from ticket_events
    where actor = 'agent'
),

-- whoever held a ticket when it was solved has solved it
solves as (
    select
        'solved' as event,
        flows.source,
        coalesce(flows.assignee_user_id, '(unknown)') as user_id,
        flows.occurred_on as happened_on,
        flows.ticket_key,
        cast(null as bigint) as handle_seconds,
        cast(null as bigint) as first_reply_seconds,
        cast(null as bigint) as first_reply_business_seconds,
        tickets.first_solved_at = flows.occurred_at
        and {{ has_passed('flows.occurred_at', var('reopen_days')) }} as is_judged,
        {{ happened_within('tickets.first_reopened_at', 'tickets.first_solved_at', var('reopen_days')) }} as is_true
    from flows
    inner join tickets on flows.ticket_key = tickets.ticket_key
    where flows.flow = 'solved'
),

-- an answer is about whoever held the ticket when it was given
ratings as (
    select
        'rated' as event,
        surveys.source,
        coalesce(holders.value, '(unknown)') as user_id,
        surveys.responded_on as happened_on,
        cast(null as string) as ticket_key,
        cast(null as bigint) as handle_seconds,
        cast(null as bigint) as first_reply_seconds,
        cast(null as bigint) as first_reply_business_seconds,
        true as is_judged,
        surveys.is_satisfied as is_true
    from {{ ref('fct_survey_responses') }} as surveys
    inner join tickets
        on surveys.source = tickets.source and surveys.ticket_id = tickets.ticket_id
    left join {{ ref('int_ticket_spans') }} as holders
        on surveys.source = holders.source
        and surveys.ticket_id = holders.ticket_id
        and surveys.responded_at >= holders.valid_from
        and surveys.responded_at < holders.valid_to
        and holders.attribute = 'assignee'
    where
        surveys.exclusion is null
        and surveys.survey_kind = 'csat'
        and surveys.dimension in ('overall', '(unknown)')
        and surveys.is_answered
),

events as (
    select
        *,
        source || '|' || user_id as agent_key
    from (
        select * from work
        union all
        select * from solves
        union all
        select * from ratings
    ) as all_events
),

{{ periods_between('events', 'happened_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.agent_key,
        count(distinct case when events.event = 'work' then events.ticket_key end) as tickets,
        count(*) filter (where events.event = 'solved') as solved,
        count(*) filter (where events.event = 'solved' and events.is_judged) as solved_judged,
        count(*) filter (where events.event = 'solved' and events.is_judged and events.is_true) as solved_reopened,
        count(*) filter (where events.event = 'rated') as rated,
        count(*) filter (where events.event = 'rated' and events.is_true) as satisfied,
        coalesce(sum(events.handle_seconds), 0) as handle_seconds,
        {{ median_and_p90('first_reply_minutes', 'events.first_reply_seconds') }},
        {{ median_and_p90('first_reply_business_minutes', 'events.first_reply_business_seconds') }}
    from events
    inner join {{ ref('dim_period_day') }} as p on events.happened_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, events.agent_key
),

-- paid hours fall evenly on the weekdays on which somebody is employed
paid_days as (
    select
        users.source || '|' || users.user_id as agent_key,
        dim_date.date_day,
        users.weekly_hours
    from {{ ref('dim_user') }} as users
    inner join {{ ref('dim_date') }} as dim_date
        on cast(dim_date.date_day as timestamp) >= users.valid_from
        and cast(dim_date.date_day as timestamp) < users.valid_to
        and dim_date.date_day >= coalesce(users.hired_on, date '1900-01-01')
        and dim_date.date_day <= coalesce(users.left_on, date '9999-12-30')
        and dim_date.date_day < {{ observed_until() }}
    where users.weekly_hours is not null and {{ is_weekday('dim_date.date_day') }}
),

paid as (
    select
        p.period_grain,
        p.period_start,
        paid_days.agent_key,
        cast(sum(paid_days.weekly_hours) as double) * 60 / 5 as paid_minutes
    from paid_days
    inner join {{ ref('dim_period_day') }} as p
        on paid_days.date_day = p.date_day and p.comparison = 'current' and p.period_grain <> 'day'
    group by p.period_grain, p.period_start, paid_days.agent_key
),

{{ member_grid('events', 'happened_on', ['agent_key']) }},

agents as (
    select distinct
        agent_key,
        source,
        user_id
    from events
),

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.agent_key,
        coalesce(measures.tickets, 0) as tickets,
        coalesce(measures.solved, 0) as solved,
        coalesce(measures.solved_judged, 0) as solved_judged,
        coalesce(measures.solved_reopened, 0) as solved_reopened,
        coalesce(measures.rated, 0) as rated,
        coalesce(measures.satisfied, 0) as satisfied,
        cast(coalesce(measures.handle_seconds, 0) as double) / 60 as handle_minutes,
        measures.median_first_reply_minutes,
        measures.p90_first_reply_minutes,
        measures.median_first_reply_business_minutes,
        measures.p90_first_reply_business_minutes
    {{ from_grid(['agent_key']) }}
),

final as (
    select
        filled.period_grain,
        filled.period_start,
        filled.period_end,
        filled.is_complete,
        agents.source,
        agents.user_id as agent,
        filled.tickets,
        filled.solved,
        filled.median_first_reply_minutes,
        filled.p90_first_reply_minutes,
        filled.median_first_reply_business_minutes,
        filled.p90_first_reply_business_minutes,
        {{ ratio('reopen_rate', 'filled.solved_reopened', 'filled.solved_judged') }},
        {{ ratio('csat', 'filled.satisfied', 'filled.rated') }},
        filled.handle_minutes,
        {{ ratio('utilisation', 'case when paid.paid_minutes is not null then filled.handle_minutes end',
            'paid.paid_minutes') }}
    from filled
    inner join agents on filled.agent_key = agents.agent_key
    left join paid
        on filled.period_grain = paid.period_grain
        and filled.period_start = paid.period_start
        and filled.agent_key = paid.agent_key
)

select * from final
