with

flows as (
    select
        ticket_key,
        number,
        flow,
        change,
        occurred_on
    from {{ ref('fct_ticket_flows') }}
    where exclusion is null
),

-- the backlog is followed to as_of, whether anything happens or not
lifetime as (
    select occurred_on as happened_on from flows
    union all
    select {{ plus_days(as_of_date(), -1) }} as happened_on
    from flows
    where occurred_on < {{ as_of_date() }}
),

{{ periods_between('lifetime', 'happened_on') }},

observed as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        dim_period.observed_until
    from periods
    inner join {{ ref('dim_period') }} as dim_period
        on periods.period_grain = dim_period.period_grain and periods.period_start = dim_period.period_start
),

measures as (
    select
        observed.period_grain,
        observed.period_start,
        count(*) filter (where flows.flow = 'created') as created,
        count(*) filter (where flows.flow = 'reopened') as reopened,
        count(*) filter (where flows.flow = 'solved') as solved,
        count(*) filter (where flows.flow = 'removed') as removed
    from flows
    inner join {{ ref('dim_period_day') }} as p
        on flows.occurred_on = p.date_day and p.comparison = 'current'
    inner join observed
        on p.period_grain = observed.period_grain
        and p.period_start = observed.period_start
        and flows.occurred_on < observed.observed_until
    group by observed.period_grain, observed.period_start
),

daily as (
    select
        occurred_on,
        sum(change) as change
    from flows
    group by occurred_on
),

-- how many are unsolved at the midnight that ends a day on which something changed, and until the next such day ends
midnights as (
    select
        occurred_on,
        coalesce(lead(occurred_on) over (order by occurred_on asc nulls last), date '9999-12-31') as next_on,
        sum(change) over (order by occurred_on asc nulls last rows between unbounded preceding and current row)
            as unsolved
    from daily
),

followed as (
    select
        ticket_key,
        change,
        occurred_on as came_on,
        coalesce(
            lead(occurred_on) over (partition by ticket_key order by number asc nulls last), date '9999-12-31'
        ) as went_on
    from flows
),

creations as (
    select
        ticket_key,
        occurred_on as created_on
    from flows
    where flow = 'created'
),

-- what comes and goes on one day is unsolved at no midnight
stays as (
    select
        followed.came_on,
        followed.went_on,
        creations.created_on
    from followed
    inner join creations on followed.ticket_key = creations.ticket_key
    where followed.change = 1 and followed.came_on < followed.went_on
),

-- a ticket of the last day is 0 days old
ages as (
    select
        observed.period_grain,
        observed.period_start,
        {{ days_between('stays.created_on', 'observed.observed_until') }} - 1 as age_days
    from observed
    inner join stays
        on observed.observed_until > stays.came_on and observed.observed_until <= stays.went_on
),

aged as (
    select
        period_grain,
        period_start,
        max(age_days) as oldest_days,
        count(*) filter (where age_days > 1) as unsolved_over_1_day,
        count(*) filter (where age_days > 7) as unsolved_over_7_days,
        count(*) filter (where age_days > 30) as unsolved_over_30_days
    from ages
    group by period_grain, period_start
),

final as (
    select
        observed.period_grain,
        observed.period_start,
        observed.period_end,
        observed.is_complete,
        cast(coalesce(opened.unsolved, 0) as bigint) as opening,
        coalesce(measures.created, 0) as created,
        coalesce(measures.reopened, 0) as reopened,
        coalesce(measures.solved, 0) as solved,
        coalesce(measures.removed, 0) as removed,
        cast(coalesce(closed.unsolved, 0) as bigint) as closing,
        cast(aged.oldest_days as bigint) as oldest_days,
        coalesce(aged.unsolved_over_1_day, 0) as unsolved_over_1_day,
        coalesce(aged.unsolved_over_7_days, 0) as unsolved_over_7_days,
        coalesce(aged.unsolved_over_30_days, 0) as unsolved_over_30_days
    from observed
    left join measures
        on observed.period_grain = measures.period_grain and observed.period_start = measures.period_start
    left join midnights as opened
        on observed.period_start > opened.occurred_on and observed.period_start <= opened.next_on
    left join midnights as closed
        on observed.observed_until > closed.occurred_on and observed.observed_until <= closed.next_on
    left join aged
        on observed.period_grain = aged.period_grain and observed.period_start = aged.period_start
)

select * from final
