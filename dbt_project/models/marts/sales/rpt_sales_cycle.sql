with

opportunities as (
    select * from {{ ref('fct_opportunities') }} where exclusion is null
),

wins as (
    select
        pipeline,
        closed_on,
        {{ seconds_between('created_at', 'closed_at') }} as seconds,
        cast({{ seconds_between('created_at', 'closed_at') }} as double) / 86400 as days
    from opportunities
    where outcome = 'won' and closed_on is not null
),

-- a pipeline is followed as long as anything happens in it, and to as_of while anything is open
lifetime as (
    select pipeline, created_on as happened_on from opportunities
    union all
    select pipeline, closed_on as happened_on from opportunities where outcome <> 'open' and closed_on is not null
    union all
    select pipeline, {{ plus_days(as_of_date(), -1) }} as happened_on
    from opportunities
    where outcome = 'open' and created_on < {{ as_of_date() }}
),

{{ periods_between('lifetime', 'happened_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        wins.pipeline,
        count(*) as won,
        count(*) filter (where wins.seconds < 0) as back_dated,
        count(*) filter (where wins.seconds >= 0) as timed,
        sum(wins.seconds) filter (where wins.seconds >= 0) as seconds,
        percentile_cont(0.5) within group (order by wins.days asc nulls last) filter (where wins.seconds >= 0)
            as median_days,
        percentile_cont(0.9) within group (order by wins.days asc nulls last) filter (where wins.seconds >= 0)
            as p90_days
    from wins
    inner join {{ ref('dim_period_day') }} as p
        on wins.closed_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, wins.pipeline
),

{{ member_grid('lifetime', 'happened_on', ['pipeline']) }},

-- how many opportunities open (+1) and close (-1), by day; what begins and ends on a day was open at the end of none
changes as (
    select
        pipeline,
        valid_from_on as changed_on,
        1 as opened
    from {{ ref('fct_opportunity_spans') }}
    where exclusion is null and is_open
    union all
    select
        pipeline,
        valid_to_on as changed_on,
        -1 as opened
    from {{ ref('fct_opportunity_spans') }}
    where exclusion is null and is_open
),

daily_changes as (
    select
        pipeline,
        changed_on,
        sum(opened) as opened
    from changes
    group by pipeline, changed_on
),

day_ends as (
    select
        pipeline,
        changed_on as valid_from,
        lead(changed_on) over (partition by pipeline order by changed_on asc nulls last) as valid_to,
        sum(opened) over (
            partition by pipeline
            order by changed_on asc nulls last
            rows between unbounded preceding and current row
        ) as open_count
    from daily_changes
),

final as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.pipeline,
        coalesce(measures.won, 0) as won,
        measures.median_days,
        measures.p90_days,
        cast(measures.seconds as double) / 86400 / nullif(measures.timed, 0) as mean_days,
        coalesce(measures.back_dated, 0) as back_dated,
        cast(coalesce(day_ends.open_count, 0) as bigint) as open_count
    {{ from_grid(['pipeline']) }}
    inner join {{ ref('dim_period') }} as dim_period
        on grid.period_grain = dim_period.period_grain and grid.period_start = dim_period.period_start
    left join day_ends
        on grid.pipeline = day_ends.pipeline
        and dim_period.observed_until > day_ends.valid_from
        and dim_period.observed_until <= coalesce(day_ends.valid_to, date '9999-12-31')
)

select * from final
