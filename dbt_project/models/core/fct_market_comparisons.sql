-- One row per published size of a market that counts, with what we sold in the same period, region, segment and unit.
with

sizes as (
    select
        *,
        row_number() over (
            partition by period_grain, period_start, country, province, segment, unit
            order by published_on desc nulls last, publisher asc nulls last, market_size_key asc nulls last
        ) as place,
        row_number() over (
            partition by period_grain, period_start, country, province, segment, unit, publisher
            order by published_on desc nulls last, market_size_key asc nulls last
        ) as place_of_publisher
    from {{ ref('fct_market_sizes') }}
    where exclusion is null and (published_on is null or published_on <= {{ as_of_date() }})
),

sales as (
    select
        lines.ordered_on,
        lines.product_line,
        orders.country,
        orders.province,
        sum(lines.revenue) as revenue,
        sum(lines.quantity) as units
    from {{ ref('fct_order_lines') }} as lines
    inner join {{ ref('fct_orders') }} as orders on lines.order_key = orders.order_key
    where lines.exclusion is null
    group by lines.ordered_on, lines.product_line, orders.country, orders.province
),

first_sale as (
    select min(ordered_on) as first_day from sales
),

-- a market that is named as we name nothing is not one in which we sell nothing
our_segments as (
    select distinct product_line as segment from {{ ref('dim_product') }}
),

our_places as (
    select
        country,
        province
    from sales
    union
    select
        country,
        '(all)' as province
    from sales
    union
    select
        '(all)' as country,
        province
    from sales
    union
    select
        '(all)' as country,
        '(all)' as province
    from first_sale
),

matched as (
    select
        sizes.market_size_key,
        -- units have more decimals than money, and a type for both would round them
        case sizes.unit
            when 'value' then cast(sales.revenue as decimal(38, 4))
            when 'volume' then cast(sales.units as decimal(38, 4))
        end as sold,
        sizes.segment in ('(all)', sales.product_line)
        and sizes.country in ('(all)', sales.country)
        and sizes.province in ('(all)', sales.province) as is_placed
    from sizes
    inner join sales
        on sizes.period_start <= sales.ordered_on
        and sizes.period_end > sales.ordered_on
        and (sizes.segment in ('(all)', sales.product_line) or sales.product_line = '(unknown)')
        and (sizes.country in ('(all)', sales.country) or sales.country in ('(unknown)', '(other)'))
        and (sizes.province in ('(all)', sales.province) or sales.province in ('(unknown)', '(other)'))
),

sold as (
    select
        market_size_key,
        sum(sold) filter (where is_placed) as our_sales,
        sum(sold) filter (where not is_placed) as unplaced_sales
    from matched
    group by market_size_key
),

judged as (
    select
        sizes.*,
        sold.our_sales,
        sold.unplaced_sales,
        case
            when sizes.unit not in ('value', 'volume') then 'unit'
            when sizes.segment <> '(all)' and our_segments.segment is null then 'segment'
            when our_places.country is null then 'region'
            when first_sale.first_day is null or sizes.period_end <= first_sale.first_day then 'before_first_order'
            when sizes.period_end > {{ as_of_date() }} then 'not_over'
        end as not_comparable
    from sizes
    cross join first_sale
    left join our_segments on sizes.segment = our_segments.segment
    left join our_places on sizes.country = our_places.country and sizes.province = our_places.province
    left join sold on sizes.market_size_key = sold.market_size_key
),

final as (
    select
        market_size_key,
        source,
        period_grain,
        period_start,
        period_end,
        country,
        province,
        segment,
        unit,
        market_size,
        publisher,
        published_on,
        place = 1 as is_latest,
        place_of_publisher = 1 as is_latest_of_publisher,
        not_comparable,
        case when not_comparable is null then cast(coalesce(our_sales, 0) as decimal(38, 4)) end as our_sales,
        case when not_comparable is null then cast(coalesce(unplaced_sales, 0) as decimal(38, 4)) end as unplaced_sales
    from judged
)

select * from final
