with

spells as (
    select
        customer_number,
        active_from,
        active_until,
        coalesce(least(churned_on, next_active_from), date '9999-12-31') as silent_until
    from {{ ref('fct_customer_spells') }}
),

{{ base_lifetime() }},

{{ periods_between('lifetime', 'happened_on') }},

observed as (
    select
        periods.*,
        {{ plus_days('periods.period_start', -1) }} as opening_day,
        {{ plus_days('dim_period.observed_until', -1) }} as closing_day
    from periods
    inner join {{ ref('dim_period') }} as dim_period
        on periods.period_grain = dim_period.period_grain and periods.period_start = dim_period.period_start
),

changes as (
    select
        active_until as changed_on,
        1 as silent
    from spells
    union all
    select
        silent_until as changed_on,
        -1 as silent
    from spells
),

daily_changes as (
    select
        changed_on,
        sum(silent) as silent
    from changes
    group by changed_on
),

day_ends as (
    select
        dim_date.date_day,
        sum(coalesce(daily_changes.silent, 0)) over (
            order by dim_date.date_day asc nulls last
            rows between unbounded preceding and current row
        ) as silent
    from {{ ref('dim_date') }} as dim_date
    left join daily_changes on dim_date.date_day = daily_changes.changed_on
),

-- who was both treated and held out was treated
assigned as (
    select
        observed.period_grain,
        observed.period_start,
        observed.opening_day,
        members.customer_number,
        bool_or(members.is_treated) as is_treated,
        coalesce(
            min(members.assigned_on) filter (where members.is_treated), min(members.assigned_on)
        ) as assigned_on
    from {{ ref('fct_campaign_members') }} as members
    inner join {{ ref('dim_period_day') }} as p
        on members.assigned_on = p.date_day and p.comparison = 'current'
    inner join observed
        on p.period_grain = observed.period_grain and p.period_start = observed.period_start
    where
        members.exclusion is null
        and (members.is_treated or members.is_holdout)
        and members.customer_number is not null
        and members.assigned_on <= observed.closing_day
    group by observed.period_grain, observed.period_start, observed.opening_day, members.customer_number
),

addressed as (
    select assigned.*
    from assigned
    inner join spells
        on assigned.customer_number = spells.customer_number
        and assigned.opening_day >= spells.active_until
        and assigned.opening_day < spells.silent_until
),

-- an order of the day of treatment may have come before it
returned as (
    select distinct
        addressed.period_grain,
        addressed.period_start,
        addressed.customer_number
    from addressed
    inner join {{ ref('fct_orders') }} as orders
        on addressed.customer_number = orders.customer_number
        and orders.ordered_on > addressed.assigned_on
        and orders.ordered_on <= {{ plus_days('addressed.assigned_on', var('reactivation_days')) }}
    where orders.exclusion is null
),

outcomes as (
    select
        addressed.period_grain,
        addressed.period_start,
        count(*) filter (where addressed.is_treated) as treated,
        count(*) filter (where addressed.is_treated and returned.customer_number is not null) as treated_reactivated,
        count(*) filter (where not addressed.is_treated) as holdout,
        count(*) filter (where not addressed.is_treated and returned.customer_number is not null)
            as holdout_reactivated
    from addressed
    left join returned
        on addressed.period_grain = returned.period_grain
        and addressed.period_start = returned.period_start
        and addressed.customer_number = returned.customer_number
    group by addressed.period_grain, addressed.period_start
),

filled as (
    select
        observed.period_grain,
        observed.period_start,
        observed.period_end,
        observed.is_complete,
        {{ plus_days('observed.period_end', var('reactivation_days') - 1) }} < {{ as_of_date() }} as is_mature,
        cast(coalesce(day_ends.silent, 0) as bigint) as silent_at_start,
        cast(coalesce(outcomes.treated, 0) as bigint) as treated,
        cast(coalesce(outcomes.treated_reactivated, 0) as bigint) as treated_reactivated,
        cast(coalesce(outcomes.holdout, 0) as bigint) as holdout,
        cast(coalesce(outcomes.holdout_reactivated, 0) as bigint) as holdout_reactivated
    from observed
    left join day_ends on observed.opening_day = day_ends.date_day
    left join outcomes
        on observed.period_grain = outcomes.period_grain and observed.period_start = outcomes.period_start
),

rates as (
    select
        *,
        {{ ratio('reactivation_rate', 'treated_reactivated', 'treated') }},
        {{ ratio('holdout_rate', 'holdout_reactivated', 'holdout') }}
    from filled
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        is_mature,
        silent_at_start,
        treated,
        treated_reactivated,
        holdout,
        holdout_reactivated,
        reactivation_rate,
        reactivation_rate_numerator,
        reactivation_rate_denominator,
        holdout_rate,
        holdout_rate_numerator,
        holdout_rate_denominator,
        reactivation_rate - holdout_rate as uplift
    from rates
)

select * from final
