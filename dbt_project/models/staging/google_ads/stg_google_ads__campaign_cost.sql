with

stats as (
    select * from {{ source('google_ads', 'campaign_stats') }}
),

-- what a campaign's account says of itself; where its versions contradict each other, nothing is known
accounts as (
    select
        _source,
        id,
        case when min(currency_code) = max(currency_code) then min(currency_code) end as currency,
        case when bool_or({{ says_yes('test_account') }}) then 'true' end as is_test
    from {{ source('google_ads', 'account_history') }}
    where _is_live
    group by _source, id
),

final as (
    select
        stats.customer_id || '-' || stats.id || '-' || stats.date || '-' || stats._fivetran_id as cost_id,
        stats.id as campaign_id,
        cast(null as string) as channel,
        stats.date as spent_on,
        {{ from_micros('stats.cost_micros') }} as amount,
        accounts.currency,
        stats.impressions,
        stats.clicks,
        stats._fivetran_synced as source_updated_at,
        cast(null as string) as is_deleted,
        accounts.is_test,
        stats.customer_id || '-' || stats.id || '-' || stats.date || '-' || stats._fivetran_id as row_key,
        {{ landed_columns('stats') }}
    from stats
    left join accounts
        on stats._source = accounts._source
        and stats.customer_id = accounts.id
)

select * from final
