with

lines as (
    select * from {{ ref('fct_order_lines') }} where exclusion is null
),

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

-- classes are those of the last month end before the day of the order, so that an order does not class its own customer
segmented as (
    select
        orders.order_key,
        orders.customer_number,
        {% for kind, column in class_kinds() -%}
        coalesce(classes.{{ column }}, '(new)') as {{ kind }},
        {% endfor -%}
        {% for kind, column in attribute_kinds() -%}
        attributes.{{ column }},
        {% endfor -%}
        {{ age_band('attributes.birth_date', 'orders.ordered_on') }} as age_band
    from orders
    left join {{ ref('fct_customer_classes') }} as classes
        on orders.customer_number = classes.customer_number
        and classes.assigned_on = {{ plus_days(month_of('orders.ordered_on'), -1) }}
    left join {{ ref('int_customer_attributes') }} as attributes
        on orders.customer_number = attributes.customer_number
        and orders.ordered_at >= attributes.valid_from
        and orders.ordered_at < attributes.valid_to
),

sold as (
    select
        lines.ordered_on,
        lines.product_line,
        lines.revenue,
        lines.quantity,
        segmented.*
    from lines
    inner join segmented on lines.order_key = segmented.order_key
),

sales as (
    {%- for kind, _ in class_kinds() + attribute_kinds() + [('age_band', 'age_band')] %}
    select
        ordered_on,
        product_line,
        '{{ kind }}' as segment_kind,
        {{ kind }} as segment,
        customer_number,
        sum(revenue) as revenue,
        sum(quantity) as quantity
    from sold
    group by ordered_on, product_line, {{ kind }}, customer_number
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{{ periods_between('sales', 'ordered_on') }},

-- a segment is listed where it has sales in the period or in one that it is compared with
measures as (
    select
        p.period_grain,
        p.period_start,
        sales.product_line,
        sales.segment_kind,
        sales.segment,
        {{ measured('revenue', 'sum(sales.revenue)', 'decimal(38, 2)') }},
        cast(sum(sales.quantity) filter (where p.comparison = 'current') as decimal(38, 4)) as units,
        count(distinct sales.customer_number) filter (where p.comparison = 'current') as customers
    from sales
    inner join {{ ref('dim_period_day') }} as p on sales.ordered_on = p.date_day
    group by p.period_grain, p.period_start, sales.product_line, sales.segment_kind, sales.segment
),

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
        measures.customers
    from measures
    inner join periods
        on measures.period_grain = periods.period_grain and measures.period_start = periods.period_start
)

select * from final
