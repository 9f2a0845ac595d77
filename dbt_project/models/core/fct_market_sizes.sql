-- One row per published size of a market that is not deleted; several publishers, or one that corrects itself, are
-- several rows about the same market.
with

sizes as (
    select
        *,
        coalesce(currency, default_currency) as size_currency,
        {{ period_shift('period_grain', 'period_start', 1) }} as period_end
    from {{ ref('int_market_size') }}
),

final as (
    select
        {{ surrogate_key(['sizes.source', 'sizes.market_size_id']) }} as market_size_key,
        sizes.source,
        sizes.market_size_id,
        sizes.period_grain,
        sizes.period_start,
        sizes.period_end,
        coalesce(nullif(trim(sizes.country), ''), '(all)') as country,
        coalesce(nullif(trim(sizes.province), ''), '(all)') as province,
        coalesce(nullif(trim(sizes.segment), ''), '(all)') as segment,
        coalesce(sizes.unit, '(unknown)') as unit,
        case when sizes.unit = 'value' then sizes.size_currency end as currency,
        case when sizes.unit = 'value' then rates.rate end as exchange_rate,
        sizes."size" as size_published,
        case
            when sizes.unit = 'value' then {{ converted('sizes."size"', 'rates.rate') }}
            else cast(sizes."size" as decimal(38, 2))
        end as market_size,
        trim(sizes.publisher) as publisher,
        sizes.published_on,
        case when sizes.is_test then 'test' end as exclusion,
        sizes.batch_id,
        sizes.row_number
    from sizes
    -- a period has many rates: that of its last day
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on sizes.size_currency = rates.from_currency
        and {{ plus_days('sizes.period_end', -1) }} >= rates.valid_from
        and {{ plus_days('sizes.period_end', -1) }} < rates.valid_to
)

select * from final
