with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

{{ periods_between('orders', 'ordered_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        orders.country,
        orders.province,
        {{ measured('revenue', 'sum(orders.revenue)', 'decimal(38, 2)') }},
        {{ measured('orders', 'count(*)') }},
        count(distinct orders.customer_number) filter (where p.comparison = 'current') as customers
    from orders
    inner join {{ ref('dim_period_day') }} as p on orders.ordered_on = p.date_day
    group by p.period_grain, p.period_start, orders.country, orders.province
),

{{ member_grid('orders', 'ordered_on', ['country', 'province'], whole_span=true) }},

totals as (
    select
        period_grain,
        period_start,
        sum(revenue) as revenue
    from measures
    group by period_grain, period_start
),

final as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.country,
        grid.province,
        {{ compared('revenue', 'decimal(38, 2)') }},
        {{ compared('orders') }},
        coalesce(measures.customers, 0) as customers,
        {{ ratio('revenue_share',
            'coalesce(measures.revenue, cast(0 as decimal(38, 2)))',
            'coalesce(totals.revenue, cast(0 as decimal(38, 2)))') }}
    {{ from_grid(['country', 'province']) }}
    left join totals
        on grid.period_grain = totals.period_grain and grid.period_start = totals.period_start
)

select * from final
