-- One row per landed row and figure it contributes: what Google Ads itself says was spent, past the models that
-- the reconciliation checks. The cost of a row is money in cents: it is rounded before it is converted.
with

stats as (
    {{ newest_live(
        source('google_ads', 'campaign_stats'), ['customer_id', 'id', 'date', '_fivetran_id'], '_fivetran_synced'
    ) }}
),

accounts as (
    select
        _source,
        id,
        case when min(currency_code) = max(currency_code) then min(currency_code) end as currency,
        bool_or({{ says_yes('test_account') }}) as is_test
    from {{ source('google_ads', 'account_history') }}
    where _is_live
    group by _source, id
),

final as (
    select
        'campaign_cost' as metric,
        stats._fivetran_id || ' ' || stats.id || ' ' || stats.customer_id || ' ' || stats.date as document,
        stats._source as source,
        stats._table as source_table,
        stats._batch_id as batch_id,
        stats._row_number as row_number,
        {{ guarded('date', 'stats.date') }} as occurred_on,
        coalesce(accounts.currency, stats._currency) as currency,
        coalesce(
            cast(
                {{ cents(
                    "cast(" ~ guarded('integer', 'stats.cost_micros') ~ " as decimal(19, 0))"
                    ~ " * cast(0.000001 as decimal(6, 6))"
                ) }}
                as decimal(38, 12)
            ),
            0
        ) as amount,
        case when accounts.is_test then 'test' end as exclusion
    from stats
    left join accounts on stats._source = accounts._source and stats.customer_id = accounts.id
)

select * from final
