with

lines as (
    select * from {{ ref('fct_order_lines') }} where exclusion is null
),

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

{{ order_segments('orders', ref('fct_customer_classes'), ref('int_customer_attributes')) }},

sales as (
    select
        lines.ordered_on,
        lines.product_line,
        order_segments.segment_kind,
        case when folded.customer_number is null then order_segments.segment else '(other)' end as segment,
        order_segments.customer_number,
        sum(lines.revenue) as revenue,
        sum(lines.quantity) as quantity
    from lines
    inner join order_segments on lines.order_key = order_segments.order_key
    left join {{ ref('int_folded_segment') }} as folded
        on order_segments.customer_number = folded.customer_number
        and order_segments.segment_kind = folded.segment_kind
        and order_segments.segment = folded.segment
    group by
        lines.ordered_on, lines.product_line, order_segments.segment_kind, order_segments.segment,
        folded.customer_number, order_segments.customer_number
),

{{ periods_between('sales', 'ordered_on', compared=true) }},

sold as (
    select
        ordered_on,
        product_line,
        segment_kind,
        segment,
        sum(revenue) as revenue,
        sum(quantity) as quantity
    from sales
    group by ordered_on, product_line, segment_kind, segment
),

-- a segment is listed where it has sales in the period or in one that it is compared with
measures as (
    select
        p.period_grain,
        p.period_start,
        sold.product_line,
        sold.segment_kind,
        sold.segment,
        {{ measured('revenue', 'sum(sold.revenue)', 'decimal(38, 2)') }},
        cast(sum(sold.quantity) filter (where p.comparison = 'current') as decimal(38, 4)) as units
    from sold
    inner join {{ ref('dim_period_day') }} as p on sold.ordered_on = p.date_day
    group by p.period_grain, p.period_start, sold.product_line, sold.segment_kind, sold.segment
),

{{ different_buyers('sales', 'ordered_on', ['product_line', 'segment_kind', 'segment']) }},

final as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        measures.product_line,
        measures.segment_kind,
        measures.segment,
        {{ compared('revenue', 'decimal(38, 2)') }},
        coalesce(measures.units, cast(0 as decimal(38, 4))) as units,
        coalesce(buyers.customers, 0) as customers
    from measures
    inner join periods
        on measures.period_grain = periods.period_grain and measures.period_start = periods.period_start
    left join buyers
        on measures.period_grain = buyers.period_grain
        and measures.period_start = buyers.period_start
        and measures.product_line = buyers.product_line
        and measures.segment_kind = buyers.segment_kind
        and measures.segment = buyers.segment
)

select * from final
