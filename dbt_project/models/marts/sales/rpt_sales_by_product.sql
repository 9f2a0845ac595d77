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
        lines.*,
        orders.customer_number,
        case when lines.cost is not null then lines.revenue end as costed_revenue
    from lines
    inner join orders on lines.order_key = orders.order_key
),

{{ periods_between('sales', 'ordered_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        sales.product_line,
        sales.product,
        {{ measured('revenue', 'sum(sales.revenue)', 'decimal(38, 2)') }},
        {{ measured('units', 'sum(sales.quantity)', 'decimal(38, 4)') }},
        cast(sum(sales.cost) filter (where p.comparison = 'current') as decimal(38, 2)) as cost,
        cast(sum(sales.costed_revenue) filter (where p.comparison = 'current') as decimal(38, 2)) as costed_revenue,
        cast(sum(sales.costed_revenue - sales.cost) filter (where p.comparison = 'current') as decimal(38, 2))
            as gross_profit,
        count(distinct sales.order_key) filter (where p.comparison = 'current') as orders,
        count(distinct sales.customer_number) filter (where p.comparison = 'current') as customers
    from sales
    inner join {{ ref('dim_period_day') }} as p on sales.ordered_on = p.date_day
    group by p.period_grain, p.period_start, sales.product_line, sales.product
),

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
        coalesce(measures.orders, 0) as orders,
        coalesce(measures.customers, 0) as customers,
        {{ ratio('revenue_share',
            'coalesce(measures.revenue, cast(0 as decimal(38, 2)))',
            'coalesce(totals.revenue, cast(0 as decimal(38, 2)))') }}
    {{ from_grid(['product_line', 'product']) }}
    left join totals
        on grid.period_grain = totals.period_grain and grid.period_start = totals.period_start
)

select * from final
