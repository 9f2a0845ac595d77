with

campaigns as (
    select * from {{ source('google_ads', 'campaign_history') }}
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
        campaigns.id as campaign_id,
        campaigns.name,
        case campaigns.advertising_channel_type
            when 'SEARCH' then 'paid_search'
            else lower(campaigns.advertising_channel_type)
        end as channel,
        lower(campaigns.advertising_channel_type) as kind,
        campaigns.start_date as starts_on,
        -- the day that Google writes where a campaign has no end
        nullif(campaigns.end_date, '2037-12-30') as ends_on,
        cast(null as string) as budget,
        accounts.currency,
        cast(null as string) as owner_user_id,
        lower(campaigns.status) as status,
        cast(null as string) as holdout_share,
        campaigns.updated_at as source_updated_at,
        cast(null as string) as is_deleted,
        accounts.is_test,
        campaigns.id || '|' || campaigns.updated_at as row_key,
        {{ landed_columns('campaigns') }}
    from campaigns
    left join accounts
        on campaigns._source = accounts._source
        and campaigns.customer_id = accounts.id
)

select * from final
