-- One row per member, metric and period that has a target, its own or that of the shorter periods in it.
with

-- sources may set a member's target in parts
targets as (
    select
        level,
        member_id,
        metric,
        period_grain,
        period_start,
        sum(amount) as amount
    from {{ ref('fct_targets') }}
    where exclusion is null
    group by level, member_id, metric, period_grain, period_start
),

months as (
    select
        *,
        1 as covered_months
    from targets
    where period_grain = 'month'
),

months_of_quarters as (
    select
        level,
        member_id,
        metric,
        {{ quarter_of('period_start') }} as period_start,
        sum(amount) as amount,
        count(*) as covered_months
    from months
    group by level, member_id, metric, {{ quarter_of('period_start') }}
),

quarters as (
    select
        level,
        member_id,
        metric,
        period_start,
        amount,
        3 as covered_months,
        true as is_own
    from targets
    where period_grain = 'quarter'
    union all
    select
        parts.level,
        parts.member_id,
        parts.metric,
        parts.period_start,
        parts.amount,
        parts.covered_months,
        false as is_own
    from months_of_quarters as parts
    left join targets
        on targets.period_grain = 'quarter'
        and parts.level = targets.level
        and parts.member_id = targets.member_id
        and parts.metric = targets.metric
        and parts.period_start = targets.period_start
    where targets.level is null
),

quarters_of_years as (
    select
        level,
        member_id,
        metric,
        {{ year_of('period_start') }} as period_start,
        sum(amount) as amount,
        sum(covered_months) as covered_months
    from quarters
    group by level, member_id, metric, {{ year_of('period_start') }}
),

periods as (
    select
        level,
        member_id,
        metric,
        period_grain,
        period_start,
        amount,
        case period_grain when 'month' then 1 when 'year' then 12 end as covered_months,
        true as is_own
    from targets
    where period_grain <> 'quarter'
    union all
    select
        level,
        member_id,
        metric,
        'quarter' as period_grain,
        period_start,
        amount,
        covered_months,
        is_own
    from quarters
    union all
    select
        parts.level,
        parts.member_id,
        parts.metric,
        'year' as period_grain,
        parts.period_start,
        parts.amount,
        parts.covered_months,
        false as is_own
    from quarters_of_years as parts
    left join targets
        on targets.period_grain = 'year'
        and parts.level = targets.level
        and parts.member_id = targets.member_id
        and parts.metric = targets.metric
        and parts.period_start = targets.period_start
    where targets.level is null
),

final as (
    select
        {{ surrogate_key(['level', 'member_id', 'metric', 'period_grain', 'period_start']) }} as period_target_key,
        level,
        member_id,
        metric,
        period_grain,
        period_start,
        {{ period_shift('period_grain', 'period_start', 1) }} as period_end,
        cast(amount as decimal(38, 2)) as amount,
        is_own,
        cast(covered_months as bigint) as covered_months
    from periods
)

select * from final
