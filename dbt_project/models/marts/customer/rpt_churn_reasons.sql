with

spells as (
    select
        customer_number,
        churned_on,
        last_order_on,
        coalesce(cancel_reason, '(unknown)') as reason
    from {{ ref('fct_customer_spells') }}
    where churned_on < {{ observed_until() }}
),

lost_revenue as (
    select
        spells.customer_number,
        spells.churned_on,
        sum(orders.revenue) as revenue
    from spells
    inner join {{ ref('fct_orders') }} as orders
        on spells.customer_number = orders.customer_number
        and orders.ordered_on <= spells.last_order_on
        and orders.ordered_on > {{ plus_days('spells.last_order_on', -var('value_days')) }}
    where orders.exclusion is null
    group by spells.customer_number, spells.churned_on
),

{{ periods_between('spells', 'churned_on') }},

-- whoever left twice in a period is lost once, for the last reason
departures as (
    select
        p.period_grain,
        p.period_start,
        spells.customer_number,
        spells.churned_on,
        spells.reason,
        row_number() over (
            partition by p.period_grain, p.period_start, spells.customer_number
            order by spells.churned_on desc nulls last
        ) as position
    from spells
    inner join {{ ref('dim_period_day') }} as p on spells.churned_on = p.date_day and p.comparison = 'current'
),

measures as (
    select
        departures.period_grain,
        departures.period_start,
        departures.reason,
        count(*) as customers,
        sum(lost_revenue.revenue) as revenue_lost
    from departures
    left join lost_revenue
        on departures.customer_number = lost_revenue.customer_number
        and departures.churned_on = lost_revenue.churned_on
    where departures.position = 1
    group by departures.period_grain, departures.period_start, departures.reason
),

totals as (
    select
        period_grain,
        period_start,
        sum(customers) as customers,
        sum(customers) filter (where reason <> '(unknown)') as explained
    from measures
    group by period_grain, period_start
),

{{ member_grid('spells', 'churned_on', ['reason'], whole_span=true) }},

final as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.reason,
        cast(coalesce(measures.customers, 0) as bigint) as customers,
        cast(coalesce(measures.revenue_lost, 0) as decimal(38, 2)) as revenue_lost,
        {{ ratio('reason_coverage', 'cast(coalesce(totals.explained, 0) as bigint)',
            'cast(coalesce(totals.customers, 0) as bigint)') }}
    {{ from_grid(['reason']) }}
    left join totals
        on grid.period_grain = totals.period_grain and grid.period_start = totals.period_start
)

select * from final
