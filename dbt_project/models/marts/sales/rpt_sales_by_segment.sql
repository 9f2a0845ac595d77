{%- set foldable = attribute_kinds() | map('first') | list + ['age_band'] %}
{%- set kinds = class_kinds() | map('first') | list + foldable %}
with

lines as (
    select
        order_key,
        ordered_on,
        product_line,
        sum(revenue) as revenue,
        sum(quantity) as quantity
    from {{ ref('fct_order_lines') }}
    where exclusion is null
    group by order_key, ordered_on, product_line
),

segmented as (
    select * from {{ ref('int_order_segment') }}
),

{{ folded_kinds(foldable) }},


shown as (
    select
        segmented.order_key,
        segmented.customer_number,
        {% for kind, _ in class_kinds() -%}
        segmented.{{ kind }},
        {% endfor -%}
        {% for kind in foldable -%}
        {{ shown(kind, 'segmented.' ~ kind) }} as {{ kind }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from segmented
    {{ join_folded('segmented', {
        'gender': 'segmented.gender',
        'region': 'segmented.region',
        'industry': 'segmented.industry',
        'tag': 'segmented.tag',
        'age_band': 'segmented.age_band',
    }) }}
),

-- what a customer bought of a product line on a day, with all that it was then
sales as (
    select
        lines.ordered_on,
        lines.product_line,
        shown.customer_number,
        {% for kind in kinds -%}
        shown.{{ kind }},
        {% endfor -%}
        sum(lines.revenue) as revenue,
        sum(lines.quantity) as quantity
    from lines
    inner join shown on lines.order_key = shown.order_key
    group by
        lines.ordered_on, lines.product_line, shown.customer_number, shown.{{ kinds | join(', shown.') }}
),

sold as (
    {%- for kind in kinds %}
    select
        ordered_on,
        product_line,
        '{{ kind }}' as segment_kind,
        {{ kind }} as segment,
        sum(revenue) as revenue,
        sum(quantity) as quantity
    from sales
    group by ordered_on, product_line, {{ kind }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{{ periods_between('sold', 'ordered_on', compared=true) }},

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

-- a number for each: who bought in which is looked up in very many rows, and they are to be short
shelves as (
    select
        product_line,
        segment_kind,
        segment,
        row_number() over (
            order by product_line asc nulls last, segment_kind asc nulls last, segment asc nulls last
        ) as shelf
    from sold
    group by product_line, segment_kind, segment
),

visits as (
    {%- for kind in kinds %}
    select
        shelves.shelf,
        sales.ordered_on,
        sales.customer_number
    from sales
    inner join shelves
        on shelves.segment_kind = '{{ kind }}'
        and sales.product_line = shelves.product_line
        and sales.{{ kind }} = shelves.segment
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{{ different_buyers('visits', 'ordered_on', ['shelf']) }},

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
    left join shelves
        on measures.product_line = shelves.product_line
        and measures.segment_kind = shelves.segment_kind
        and measures.segment = shelves.segment
    left join buyers
        on measures.period_grain = buyers.period_grain
        and measures.period_start = buyers.period_start
        and shelves.shelf = buyers.shelf
)

select * from final
