with

lines as (
    select * from {{ ref('fct_order_lines') }} where exclusion is null
),

orders as (
    select
        order_key,
        customer_number
    from {{ ref('fct_orders') }}
),

sales as (
    select
        lines.order_key,
        lines.ordered_on,
        lines.product_line,
        lines.product,
        orders.customer_number,
        lines.revenue,
        lines.quantity,
        lines.cost,
        case when lines.cost is not null then lines.revenue end as costed_revenue
    from lines
    inner join orders on lines.order_key = orders.order_key
),

{{ periods_between('sales', 'ordered_on', compared=true) }},

-- an order has one day: orders of days add up to those of every period
sold as (
    select
        ordered_on,
        product_line,
        product,
        sum(revenue) as revenue,
        sum(quantity) as quantity,
        sum(cost) as cost,
        sum(costed_revenue) as costed_revenue,
        sum(costed_revenue - cost) as gross_profit,
        count(distinct order_key) as orders
    from sales
    group by ordered_on, product_line, product
),

measures as (
    select
        p.period_grain,
        p.period_start,
        sold.product_line,
        sold.product,
        {{ measured('revenue', 'sum(sold.revenue)', 'decimal(38, 2)') }},
        {{ measured('units', 'sum(sold.quantity)', 'decimal(38, 4)') }},
        cast(sum(sold.cost) filter (where p.comparison = 'current') as decimal(38, 2)) as cost,
        cast(sum(sold.costed_revenue) filter (where p.comparison = 'current') as decimal(38, 2)) as costed_revenue,
        cast(sum(sold.gross_profit) filter (where p.comparison = 'current') as decimal(38, 2)) as gross_profit,
        sum(sold.orders) filter (where p.comparison = 'current') as orders
    from sold
    inner join {{ ref('dim_period_day') }} as p on sold.ordered_on = p.date_day
    group by p.period_grain, p.period_start, sold.product_line, sold.product
),

{{ different_buyers('sales', 'ordered_on', ['product_line', 'product']) }},

{{ member_grid('sales', 'ordered_on', ['product_line', 'product']) }},

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
        grid.product_line,
        grid.product,
        {{ compared('revenue', 'decimal(38, 2)') }},
        {{ compared('units', 'decimal(38, 4)') }},
        measures.cost,
        measures.gross_profit,
        {{ ratio('gross_margin', 'measures.gross_profit',
            'coalesce(measures.costed_revenue, cast(0 as decimal(38, 2)))') }},
        cast(coalesce(measures.orders, 0) as bigint) as orders,
        coalesce(buyers.customers, 0) as customers,
        {{ ratio('revenue_share',
            'coalesce(measures.revenue, cast(0 as decimal(38, 2)))',
            'coalesce(totals.revenue, cast(0 as decimal(38, 2)))') }}
    {{ from_grid(['product_line', 'product']) }}
    left join buyers
        on grid.period_grain = buyers.period_grain
        and grid.period_start = buyers.period_start
        and grid.product_line = buyers.product_line
        and grid.product = buyers.product
    left join totals
        on grid.period_grain = totals.period_grain and grid.period_start = totals.period_start
)

select * from final
