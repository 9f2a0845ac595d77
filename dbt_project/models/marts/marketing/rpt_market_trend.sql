with

comparisons as (
    select
        *,
        {{ period_shift('period_grain', 'period_start', -1) }} as previous_start
    from {{ ref('fct_market_comparisons') }}
),

-- two publishers measure two ways: growth is what one of them says
compared as (
    select
        figures.*,
        earlier.market_size as market_size_previous,
        earlier.our_sales as our_sales_previous
    from comparisons as figures
    left join comparisons as earlier
        on figures.period_grain = earlier.period_grain
        and figures.previous_start = earlier.period_start
        and figures.country = earlier.country
        and figures.province = earlier.province
        and figures.segment = earlier.segment
        and figures.unit = earlier.unit
        and figures.publisher = earlier.publisher
        and earlier.is_latest_of_publisher
    where figures.is_latest
),

grown as (
    select
        *,
        case
            when market_size_previous > 0 then cast(market_size as double) / cast(market_size_previous as double) - 1
        end as market_growth,
        case
            when our_sales_previous > 0 then cast(our_sales as double) / cast(our_sales_previous as double) - 1
        end as our_growth
    from compared
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        period_end <= {{ as_of_date() }} as is_complete,
        country,
        province,
        segment,
        unit,
        market_size,
        market_size_previous,
        market_growth,
        our_sales,
        our_sales_previous,
        our_growth,
        our_growth - market_growth as difference,
        publisher,
        published_on
    from grown
)

select * from final
