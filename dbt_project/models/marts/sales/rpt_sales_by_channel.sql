with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

{{ periods_between('orders', 'ordered_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        orders.channel,
        {{ measured('revenue', 'sum(orders.revenue)', 'decimal(38, 2)') }},
        {{ measured('orders', 'count(*)') }},
        count(distinct orders.customer_number) filter (where p.comparison = 'current') as customers,
        count(*) filter (where p.comparison = 'current' and orders.is_first_purchase) as new_customers
    from orders
    inner join {{ ref('dim_period_day') }} as p on orders.ordered_on = p.date_day
    group by p.period_grain, p.period_start, orders.channel
),

{{ member_grid('orders', 'ordered_on', ['channel'], whole_span=true) }},

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
        grid.channel,
        {{ compared('revenue', 'decimal(38, 2)') }},
        {{ compared('orders') }},
        coalesce(measures.customers, 0) as customers,
        coalesce(measures.new_customers, 0) as new_customers,
        {{ ratio('revenue_share',
            'coalesce(measures.revenue, cast(0 as decimal(38, 2)))',
            'coalesce(totals.revenue, cast(0 as decimal(38, 2)))') }}
    {{ from_grid(['channel']) }}
    left join totals
        on grid.period_grain = totals.period_grain and grid.period_start = totals.period_start
)

select * from final
