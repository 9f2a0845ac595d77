with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

returns as (
    select * from {{ ref('fct_returns') }}
),

-- as long as no source lands returns, nothing is known of them
landed as (
    select count(*) > 0 as has_returns from returns
),

events as (
    select ordered_on as happened_on from orders
    union all
    select returned_on as happened_on from returns where exclusion is null
),

{{ periods_between('events', 'happened_on', compared=true) }},

-- goods come back after the last sale too; such a period has no sales and, as in every breakdown, none to compare
last_sale as (
    select max(ordered_on) as last_day from orders
),

reported as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        coalesce(periods.period_start <= last_sale.last_day, false) as has_sales,
        coalesce(periods.has_previous and periods.period_start <= last_sale.last_day, false) as has_previous,
        coalesce(periods.has_last_year and periods.period_start <= last_sale.last_day, false) as has_last_year
    from periods
    cross join last_sale
),

measures as (
    select
        p.period_grain,
        p.period_start,
        {{ measured('revenue', 'sum(orders.revenue)', 'decimal(38, 2)') }},
        {{ measured('units', 'sum(orders.units)', 'decimal(38, 4)') }},
        {{ measured('gross_profit', 'sum(orders.costed_revenue - orders.cost)', 'decimal(38, 2)') }},
        {{ measured('orders', 'count(*)') }},
        {{ measured('customers', 'count(distinct orders.customer_number)') }},
        cast(sum(orders.cost) filter (where p.comparison = 'current') as decimal(38, 2)) as cost,
        cast(sum(orders.costed_revenue) filter (where p.comparison = 'current') as decimal(38, 2)) as costed_revenue,
        count(*) filter (where p.comparison = 'current' and orders.is_first_purchase) as new_customers
    from orders
    inner join {{ ref('dim_period_day') }} as p on orders.ordered_on = p.date_day
    group by p.period_grain, p.period_start
),

returned as (
    select
        p.period_grain,
        p.period_start,
        sum(returns.amount) as returns_amount
    from returns
    inner join {{ ref('dim_period_day') }} as p
        on returns.returned_on = p.date_day and p.comparison = 'current'
    where returns.exclusion is null
    group by p.period_grain, p.period_start
),

final as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        {{ compared('revenue', 'decimal(38, 2)') }},
        {{ compared('units', 'decimal(38, 4)') }},
        measures.cost,
        {{ compared_known('gross_profit') }},
        {{ ratio('gross_margin', 'measures.gross_profit',
            'coalesce(measures.costed_revenue, cast(0 as decimal(38, 2)))') }},
        {{ ratio('cost_coverage',
            'coalesce(measures.costed_revenue, cast(0 as decimal(38, 2)))',
            'coalesce(measures.revenue, cast(0 as decimal(38, 2)))') }},
        {{ compared('orders') }},
        {{ compared('customers') }},
        coalesce(measures.new_customers, 0) as new_customers,
        {{ ratio('average_order_value',
            'coalesce(measures.revenue, cast(0 as decimal(38, 2)))', 'coalesce(measures.orders, 0)') }},
        {{ ratio('revenue_per_customer',
            'coalesce(measures.revenue, cast(0 as decimal(38, 2)))', 'coalesce(measures.customers, 0)') }},
        case when landed.has_returns then coalesce(returned.returns_amount, cast(0 as decimal(38, 2))) end
            as returns_amount
    from reported as periods
    cross join landed
    left join measures
        on periods.has_sales
        and periods.period_grain = measures.period_grain
        and periods.period_start = measures.period_start
    left join returned
        on periods.period_grain = returned.period_grain and periods.period_start = returned.period_start
)

select * from final
