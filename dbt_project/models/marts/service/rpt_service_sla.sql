with

dues as (
    select
        due_on,
        policy,
        metric,
        priority,
        outcome
    from {{ ref('fct_sla_targets') }}
    where exclusion is null and due_on is not null and outcome in ('achieved', 'breached')
),

{{ periods_between('dues', 'due_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        dues.policy,
        dues.metric,
        dues.priority,
        count(*) as due,
        count(*) filter (where dues.outcome = 'achieved') as achieved,
        count(*) filter (where dues.outcome = 'breached') as breached
    from dues
    inner join {{ ref('dim_period_day') }} as p on dues.due_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, dues.policy, dues.metric, dues.priority
),

{{ member_grid('dues', 'due_on', ['policy', 'metric', 'priority']) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.policy,
        grid.metric,
        grid.priority,
        coalesce(measures.due, 0) as due,
        coalesce(measures.achieved, 0) as achieved,
        coalesce(measures.breached, 0) as breached
    {{ from_grid(['policy', 'metric', 'priority']) }}
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        policy,
        metric,
        priority,
        due,
        achieved,
        breached,
        {{ ratio('attainment', 'achieved', 'due') }}
    from filled
)

select * from final
