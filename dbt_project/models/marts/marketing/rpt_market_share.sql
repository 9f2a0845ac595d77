with

comparisons as (
    select * from {{ ref('fct_market_comparisons') }} where is_latest
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
        our_sales,
        unplaced_sales,
        market_size,
        {{ ratio('market_share', 'our_sales', 'market_size') }},
        not_comparable,
        source,
        publisher,
        published_on
    from comparisons
)

select * from final
