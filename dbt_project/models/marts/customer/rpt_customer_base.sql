with

spells as (
    select
        *,
        lag(active_until) over (partition by customer_number order by spell_number asc nulls last)
            as previous_active_until
    from {{ ref('fct_customer_spells') }}
),

-- a customer is known from the first of: created, first purchase, first landed
customers as (
    select
        customers.customer_number,
        least(
            coalesce({{ local_date('customers.created_at') }}, {{ local_date('customers.first_landed_at') }}),
            coalesce(spells.active_from, date '9999-12-31')
        ) as known_on
    from {{ ref('dim_customer') }} as customers
    left join spells on customers.customer_number = spells.customer_number and spells.spell_number = 1
    where
        customers.is_current
        and ((not customers.is_test and not customers.is_deleted) or spells.customer_number is not null)
),

-- how many customers enter (+1) and leave (-1) each state, by day
changes as (
    select
        known_on as changed_on,
        1 as known,
        0 as purchasers,
        0 as active,
        0 as churned
    from customers
    union all
    select
        active_from as changed_on,
        0 as known,
        case when spell_number = 1 then 1 else 0 end as purchasers,
        1 as active,
        0 as churned
    from spells
    union all
    select
        active_until as changed_on,
        0 as known,
        0 as purchasers,
        -1 as active,
        0 as churned
    from spells
    union all
    select
        churned_on as changed_on,
        0 as known,
        0 as purchasers,
        0 as active,
        1 as churned
    from spells
    where churned_on is not null
    union all
    select
        next_active_from as changed_on,
        0 as known,
        0 as purchasers,
        0 as active,
        -1 as churned
    from spells
    where churned_on is not null and next_active_from is not null
),

-- what was known before the calendar begins is counted on its first day
daily_changes as (
    select
        greatest(changes.changed_on, calendar.first_day) as changed_on,
        sum(changes.known) as known,
        sum(changes.purchasers) as purchasers,
        sum(changes.active) as active,
        sum(changes.churned) as churned
    from changes
    cross join (select min(date_day) as first_day from {{ ref('dim_date') }}) as calendar
    group by greatest(changes.changed_on, calendar.first_day)
),

day_ends as (
    select
        dim_date.date_day,
        sum(coalesce(daily_changes.known, 0)) over running as known,
        sum(coalesce(daily_changes.purchasers, 0)) over running as purchasers,
        sum(coalesce(daily_changes.active, 0)) over running as active,
        sum(coalesce(daily_changes.churned, 0)) over running as churned
    from {{ ref('dim_date') }} as dim_date
    left join daily_changes on dim_date.date_day = daily_changes.changed_on
    window running as (order by dim_date.date_day asc nulls last rows between unbounded preceding and current row)
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

started as (
    select
        o.period_grain,
        o.period_start,
        sum(case when spells.spell_number = 1 then 1 else 0 end) as new,
        sum(case when spells.spell_number > 1 and spells.previous_active_until <= o.opening_day then 1 else 0 end)
            as reactivated
    from spells
    inner join {{ ref('dim_period_day') }} as p
        on spells.active_from = p.date_day and p.comparison = 'current'
    inner join observed as o
        on p.period_grain = o.period_grain and p.period_start = o.period_start
    where p.date_day <= o.closing_day
    group by o.period_grain, o.period_start
),

lapsed as (
    select
        o.period_grain,
        o.period_start,
        count(*) as lapsed
    from spells
    inner join {{ ref('dim_period_day') }} as p
        on spells.active_until = p.date_day and p.comparison = 'current'
    inner join observed as o
        on p.period_grain = o.period_grain and p.period_start = o.period_start
    where
        p.date_day <= o.closing_day
        and coalesce(spells.next_active_from, date '9999-12-31') > o.closing_day
    group by o.period_grain, o.period_start
),

-- of the customers who were active or silent when the period began, even if they came back before they left
left_for_good as (
    select
        o.period_grain,
        o.period_start,
        count(distinct spells.customer_number) as churned_of_opening
    from spells
    inner join {{ ref('dim_period_day') }} as p
        on spells.churned_on = p.date_day and p.comparison = 'current'
    inner join observed as o
        on p.period_grain = o.period_grain and p.period_start = o.period_start
    inner join spells as opening
        on spells.customer_number = opening.customer_number
        and opening.active_from <= o.opening_day
        and coalesce(opening.next_active_from, date '9999-12-31') > o.opening_day
        and coalesce(opening.churned_on, date '9999-12-31') > o.opening_day
    where p.date_day <= o.closing_day
    group by o.period_grain, o.period_start
),

joined as (
    select
        o.period_grain,
        o.period_start,
        o.period_end,
        o.is_complete,
        cast(coalesce(opening.active, 0) as bigint) as opening_active,
        cast(coalesce(started.new, 0) as bigint) as new,
        cast(coalesce(started.reactivated, 0) as bigint) as reactivated,
        cast(coalesce(lapsed.lapsed, 0) as bigint) as lapsed,
        cast(coalesce(closing.active, 0) as bigint) as closing_active,
        cast(coalesce(closing.purchasers - closing.active - closing.churned, 0) as bigint) as silent,
        cast(coalesce(closing.churned, 0) as bigint) as churned,
        cast(coalesce(closing.known - closing.purchasers, 0) as bigint) as prospects,
        cast(coalesce(closing.purchasers, 0) as bigint) as customers_ever,
        cast(coalesce(opening.purchasers - opening.churned, 0) as bigint) as opening_customers,
        cast(coalesce(left_for_good.churned_of_opening, 0) as bigint) as churned_of_opening
    from observed as o
    left join day_ends as opening on o.opening_day = opening.date_day
    left join day_ends as closing on o.closing_day = closing.date_day
    left join started on o.period_grain = started.period_grain and o.period_start = started.period_start
    left join lapsed on o.period_grain = lapsed.period_grain and o.period_start = lapsed.period_start
    left join left_for_good
        on o.period_grain = left_for_good.period_grain and o.period_start = left_for_good.period_start
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        opening_active,
        new,
        reactivated,
        lapsed,
        closing_active,
        silent,
        churned,
        prospects,
        customers_ever,
        {{ ratio('customer_growth_rate', '(closing_active - opening_active)', 'opening_active') }},
        {{ ratio('churn_rate', 'churned_of_opening', 'opening_customers') }},
        {{ ratio('active_share', 'closing_active', 'customers_ever') }}
    from joined
)

select * from final
