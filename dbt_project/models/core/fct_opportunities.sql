-- One row per opportunity that is not deleted, in its present state.
with

opportunities as (
    select
        *,
        coalesce(currency, default_currency) as opportunity_currency,
        {{ local_date('created_at') }} as created_on,
        {{ local_date('closed_at') }} as closed_on
    from {{ ref('int_opportunity') }}
),

final as (
    select
        {{ surrogate_key(['opportunities.source', 'opportunities.opportunity_id']) }} as opportunity_key,
        opportunities.source,
        opportunities.opportunity_id,
        case
            when opportunities.lead_id is not null
                then {{ surrogate_key(['opportunities.source', 'opportunities.lead_id']) }}
        end as lead_key,
        opportunities.lead_id,
        numbers.customer_number,
        opportunities.owner_user_id,
        coalesce(opportunities.pipeline, '(unknown)') as pipeline,
        coalesce(opportunities.stage, '(unknown)') as stage,
        opportunities.outcome,
        opportunities.lost_reason,
        opportunities.competitor,
        coalesce(opportunities.channel, '(unknown)') as channel,
        opportunities.campaign_id,
        opportunities.product_id,
        opportunities.created_at,
        opportunities.created_on,
        opportunities.closed_at,
        opportunities.closed_on,
        opportunities.expected_close_on,
        opportunities.probability,
        opportunities.opportunity_currency as currency,
        rates.rate as exchange_rate,
        opportunities.amount as amount_transaction,
        {{ cents('opportunities.amount * rates.rate') }} as amount,
        case when opportunities.is_test or coalesce(accounts.is_test, false) then 'test' end as exclusion,
        opportunities.batch_id,
        opportunities.row_number
    from opportunities
    left join {{ ref('int_customer_account') }} as numbers
        on opportunities.source = numbers.source and opportunities.account_id = numbers.account_id
    left join {{ ref('int_account_keys') }} as accounts
        on opportunities.source = accounts.source and opportunities.account_id = accounts.account_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on opportunities.opportunity_currency = rates.from_currency
        and coalesce(opportunities.closed_on, opportunities.created_on) >= rates.valid_from
        and coalesce(opportunities.closed_on, opportunities.created_on) < rates.valid_to
)

select * from final
