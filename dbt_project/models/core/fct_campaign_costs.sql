-- One row per cost of a campaign or channel that is not deleted. Money that was spent stays spent where its campaign is
-- deleted or never was in the list.
with

costs as (
    select
        *,
        coalesce(currency, default_currency) as cost_currency
    from {{ ref('int_campaign_cost') }}
),

final as (
    select
        {{ surrogate_key(['costs.source', 'costs.cost_id']) }} as cost_key,
        costs.source,
        costs.cost_id,
        costs.campaign_id,
        coalesce(campaigns.campaign_id, '(unknown)') as campaign,
        coalesce(costs.channel, campaigns.channel, '(unknown)') as channel,
        costs.spent_on,
        costs.cost_currency as currency,
        rates.rate as exchange_rate,
        costs.amount as amount_transaction,
        {{ converted('costs.amount', 'rates.rate') }} as amount,
        costs.impressions,
        costs.clicks,
        case when costs.is_test or coalesce(campaigns.is_test, false) then 'test' end as exclusion,
        costs.batch_id,
        costs.row_number
    from costs
    left join {{ ref('dim_campaign') }} as campaigns
        on costs.source = campaigns.source and costs.campaign_id = campaigns.campaign_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on costs.cost_currency = rates.from_currency
        and costs.spent_on >= rates.valid_from
        and costs.spent_on < rates.valid_to
)

select * from final
