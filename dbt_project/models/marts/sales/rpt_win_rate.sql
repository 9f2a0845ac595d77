{%- set ages = [30, 90, 180, 365] -%}
with

opportunities as (
    select * from {{ ref('fct_opportunities') }} where exclusion is null
),

ages as (
    {%- for age in ages %}
    select cast({{ age }} as bigint) as age_days
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- no age is 0 until the last step, because NULL joins nothing
counted as (
    select
        'period' as basis,
        cast(0 as bigint) as age_days,
        closed_on as counted_on,
        outcome,
        lost_reason,
        amount
    from opportunities
    where outcome in ('won', 'lost') and closed_on is not null
    union all
    select
        'cohort' as basis,
        ages.age_days,
        opportunities.created_on as counted_on,
        case
            when opportunities.closed_on <= {{ plus_days('opportunities.created_on', 'ages.age_days') }}
                then opportunities.outcome
            else 'open'
        end as outcome,
        opportunities.lost_reason,
        opportunities.amount
    from opportunities
    cross join ages
),

valued as (
    select
        counted.*,
        'count' as measure,
        cast(1 as decimal(38, 2)) as value
    from counted
    union all
    select
        counted.*,
        'amount' as measure,
        cast(counted.amount as decimal(38, 2)) as value
    from counted
),

{{ periods_between('valued', 'counted_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        valued.basis,
        valued.age_days,
        valued.measure,
        sum(valued.value) filter (where valued.outcome = 'won') as won,
        sum(valued.value) filter (where valued.outcome = 'lost') as lost,
        sum(valued.value) filter (where valued.outcome = 'lost' and {{ is_no_contest('valued.lost_reason') }})
            as no_contest,
        sum(valued.value) filter (where valued.outcome = 'open') as open,
        count(*) filter (where valued.value is null) as without_amount
    from valued
    inner join {{ ref('dim_period_day') }} as p
        on valued.counted_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, valued.basis, valued.age_days, valued.measure
),

{{ member_grid('valued', 'counted_on', ['basis', 'age_days', 'measure']) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.basis,
        grid.measure,
        grid.age_days,
        cast(coalesce(measures.won, 0) as decimal(38, 2)) as won,
        cast(coalesce(measures.lost, 0) as decimal(38, 2)) as lost,
        cast(coalesce(measures.no_contest, 0) as decimal(38, 2)) as no_contest,
        cast(coalesce(measures.open, 0) as decimal(38, 2)) as open,
        coalesce(measures.without_amount, 0) as without_amount,
        case
            when grid.basis = 'period' then periods.is_complete
            else {{ plus_days('periods.period_end', 'grid.age_days - 1') }} < {{ as_of_date() }}
        end as is_mature
    {{ from_grid(['basis', 'age_days', 'measure']) }}
),

-- a cohort has no rate before every member has reached the age
rated as (
    select
        *,
        case when basis = 'period' or is_mature then won end as rated_won,
        case when basis = 'period' or is_mature then cast(won + lost + open as decimal(38, 2)) end as rated_all,
        case when basis = 'period' or is_mature then cast(won + lost + open - no_contest as decimal(38, 2)) end
            as rated_contested
    from filled
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        basis,
        measure,
        nullif(age_days, 0) as age_days,
        won,
        lost,
        case when basis = 'cohort' then open end as open,
        without_amount,
        {{ ratio('win_rate', 'rated_won', 'rated_all') }},
        {{ ratio('narrow_win_rate', 'rated_won', 'rated_contested') }},
        is_mature
    from rated
)

select * from final
