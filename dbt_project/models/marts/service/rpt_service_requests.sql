with

tickets as (
    select * from {{ ref('fct_tickets') }} where exclusion is null
),

flows as (
    select * from {{ ref('fct_ticket_flows') }} where exclusion is null
),

first_solves as (
    select
        ticket_key,
        min(number) as number
    from flows
    where flow = 'solved'
    group by ticket_key
),

-- the same customer asked about the same again, so the first contact had not settled it
repeated as (
    select distinct tickets.ticket_key
    from tickets
    inner join tickets as later
        on tickets.customer_number = later.customer_number
        and tickets.category = later.category
        and tickets.ticket_key <> later.ticket_key
        and later.created_at > tickets.first_solved_at
        and {{ happened_within('later.created_at', 'tickets.first_solved_at', var('reopen_days')) }}
    where tickets.category <> '(unknown)'
),

-- by day of creation
arrivals as (
    select
        'created' as event,
        created_on as happened_on,
        kind,
        category,
        first_priority as priority,
        channel,
        first_reply_seconds,
        first_reply_business_seconds,
        is_unanswered,
        removed_at is null and {{ has_passed('created_at', var('resolution_days')) }} as is_judged,
        {{ happened_within('first_solved_at', 'created_at', var('resolution_days')) }} as is_resolved,
        cast(null as bigint) as resolution_seconds,
        cast(null as bigint) as resolution_business_seconds,
        false as is_reopened,
        false as is_one_touch,
        false as is_first_contact,
        false as has_counted_replies
    from tickets
),

-- by day of the first resolution, with the priority of that moment
resolutions as (
    select
        'solved' as event,
        flows.occurred_on as happened_on,
        tickets.kind,
        tickets.category,
        flows.priority,
        tickets.channel,
        cast(null as bigint) as first_reply_seconds,
        cast(null as bigint) as first_reply_business_seconds,
        false as is_unanswered,
        {{ has_passed('tickets.first_solved_at', var('reopen_days')) }} as is_judged,
        false as is_resolved,
        tickets.first_resolution_seconds as resolution_seconds,
        tickets.first_resolution_business_seconds as resolution_business_seconds,
        {{ happened_within('tickets.first_reopened_at', 'tickets.first_solved_at', var('reopen_days')) }}
            as is_reopened,
        coalesce(tickets.agent_replies = 1, false) as is_one_touch,
        coalesce(tickets.agent_replies = 1, false)
        and not {{ happened_within('tickets.first_reopened_at', 'tickets.first_solved_at', var('reopen_days')) }}
        and repeated.ticket_key is null as is_first_contact,
        tickets.agent_replies is not null as has_counted_replies
    from tickets
    inner join first_solves on tickets.ticket_key = first_solves.ticket_key
    inner join flows
        on first_solves.ticket_key = flows.ticket_key and first_solves.number = flows.number
    left join repeated on tickets.ticket_key = repeated.ticket_key
),

reopenings as (
    select
        'reopened' as event,
        occurred_on as happened_on,
        kind,
        category,
        priority,
        channel,
        cast(null as bigint) as first_reply_seconds,
        cast(null as bigint) as first_reply_business_seconds,
        false as is_unanswered,
        false as is_judged,
        false as is_resolved,
        cast(null as bigint) as resolution_seconds,
        cast(null as bigint) as resolution_business_seconds,
        false as is_reopened,
        false as is_one_touch,
        false as is_first_contact,
        false as has_counted_replies
    from flows
    where flow = 'reopened'
),

events as (
    select * from arrivals
    union all
    select * from resolutions
    union all
    select * from reopenings
),

{{ periods_between('events', 'happened_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.kind,
        events.category,
        events.priority,
        events.channel,
        {{ measured('created', "count(case when events.event = 'created' then 1 end)") }},
        count(*) filter (where p.comparison = 'current' and events.event = 'solved') as solved,
        count(*) filter (where p.comparison = 'current' and events.event = 'reopened') as reopened,
        count(*) filter (where p.comparison = 'current' and events.is_unanswered) as unanswered,
        count(*) filter (
            where p.comparison = 'current' and events.event = 'created' and events.is_judged
        ) as arrivals_judged,
        count(*) filter (
            where p.comparison = 'current' and events.event = 'created' and events.is_judged and events.is_resolved
        ) as arrivals_resolved,
        count(*) filter (
            where p.comparison = 'current' and events.event = 'solved' and events.is_judged
        ) as solved_judged,
        count(*) filter (
            where p.comparison = 'current' and events.event = 'solved' and events.is_judged and events.is_reopened
        ) as solved_reopened,
        count(*) filter (
            where p.comparison = 'current' and events.event = 'solved' and events.has_counted_replies
        ) as solved_counted,
        count(*) filter (
            where p.comparison = 'current' and events.event = 'solved' and events.is_one_touch
        ) as solved_one_touch,
        count(*) filter (
            where p.comparison = 'current' and events.event = 'solved' and events.is_judged
            and events.has_counted_replies
        ) as solved_judged_counted,
        count(*) filter (
            where p.comparison = 'current' and events.event = 'solved' and events.is_judged
            and events.is_first_contact
        ) as solved_first_contact,
        {{ median_and_p90('first_reply_minutes', 'events.first_reply_seconds') }},
        {{ median_and_p90('first_reply_business_minutes', 'events.first_reply_business_seconds') }},
        {{ median_and_p90('resolution_minutes', 'events.resolution_seconds') }},
        {{ median_and_p90('resolution_business_minutes', 'events.resolution_business_seconds') }}
    from events
    inner join {{ ref('dim_period_day') }} as p on events.happened_on = p.date_day
    group by p.period_grain, p.period_start, events.kind, events.category, events.priority, events.channel
),

{{ member_grid('events', 'happened_on', ['kind', 'category', 'priority', 'channel']) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.kind,
        grid.category,
        grid.priority,
        grid.channel,
        {{ compared('created') }},
        coalesce(measures.solved, 0) as solved,
        coalesce(measures.reopened, 0) as reopened,
        coalesce(measures.unanswered, 0) as unanswered,
        coalesce(measures.arrivals_judged, 0) as arrivals_judged,
        coalesce(measures.arrivals_resolved, 0) as arrivals_resolved,
        coalesce(measures.solved_judged, 0) as solved_judged,
        coalesce(measures.solved_reopened, 0) as solved_reopened,
        coalesce(measures.solved_counted, 0) as solved_counted,
        coalesce(measures.solved_one_touch, 0) as solved_one_touch,
        coalesce(measures.solved_judged_counted, 0) as solved_judged_counted,
        coalesce(measures.solved_first_contact, 0) as solved_first_contact,
        measures.median_first_reply_minutes,
        measures.p90_first_reply_minutes,
        measures.median_first_reply_business_minutes,
        measures.p90_first_reply_business_minutes,
        measures.median_resolution_minutes,
        measures.p90_resolution_minutes,
        measures.median_resolution_business_minutes,
        measures.p90_resolution_business_minutes
    {{ from_grid(['kind', 'category', 'priority', 'channel']) }}
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        kind,
        category,
        priority,
        channel,
        created,
        created_previous,
        created_last_year,
        created_growth,
        created_growth_yoy,
        solved,
        reopened,
        unanswered,
        {{ ratio('resolution_rate', 'arrivals_resolved', 'arrivals_judged') }},
        {{ ratio('reopen_rate', 'solved_reopened', 'solved_judged') }},
        {{ ratio('one_touch_rate', 'solved_one_touch', 'solved_counted') }},
        {{ ratio('fcr', 'solved_first_contact', 'solved_judged_counted') }},
        median_first_reply_minutes,
        p90_first_reply_minutes,
        median_first_reply_business_minutes,
        p90_first_reply_business_minutes,
        median_resolution_minutes,
        p90_resolution_minutes,
        median_resolution_business_minutes,
        p90_resolution_business_minutes
    from filled
)

select * from final
