-- One row per lead that is not deleted. What a lead has reached is what its instants, its status or its opportunities
-- say; whoever was converted had been qualified before.
with

leads as (
    select * from {{ ref('int_lead') }}
),

opportunities as (
    select
        lead_key,
        min(created_at) as first_opportunity_at,
        min(closed_at) filter (where outcome = 'won') as won_at,
        bool_or(outcome = 'won') as is_won
    from {{ ref('fct_opportunities') }}
    where lead_key is not null and exclusion is null
    group by lead_key
),

-- a lead without an account of its own is the customer's of its first opportunity
customers as (
    select
        lead_key,
        customer_number,
        row_number() over (
            partition by lead_key
            order by created_at asc nulls last, opportunity_key asc nulls last
        ) as position
    from {{ ref('fct_opportunities') }}
    where lead_key is not null and customer_number is not null and exclusion is null
),

keyed as (
    select
        leads.*,
        {{ surrogate_key(['leads.source', 'leads.lead_id']) }} as lead_key,
        accounts.customer_number,
        coalesce(accounts.is_test, false) as is_test_account
    from leads
    left join {{ ref('int_customer_account') }} as accounts
        on leads.source = accounts.source and leads.account_id = accounts.account_id
),

timed as (
    select
        keyed.*,
        coalesce(keyed.converted_at, opportunities.first_opportunity_at) as effective_converted_at,
        coalesce(opportunities.is_won, false) as is_won,
        opportunities.won_at
    from keyed
    left join opportunities on keyed.lead_key = opportunities.lead_key
),

final as (
    select
        timed.lead_key,
        timed.source,
        timed.lead_id,
        coalesce(timed.customer_number, customers.customer_number) as customer_number,
        coalesce(timed.channel, '(unknown)') as channel,
        timed.campaign_id,
        coalesce(campaigns.campaign_id, '(unknown)') as campaign,
        timed.owner_user_id,
        timed.status,
        timed.created_at,
        {{ local_date('timed.created_at') }} as created_on,
        timed.first_response_at,
        timed.qualified_at,
        timed.effective_converted_at as converted_at,
        timed.won_at,
        timed.qualified_at is not null
        or coalesce(timed.status, '') in ('qualified', 'converted')
        or timed.effective_converted_at is not null as is_qualified,
        timed.effective_converted_at is not null or coalesce(timed.status, '') = 'converted' as is_converted,
        timed.is_won,
        cast({{ seconds_between('timed.created_at', 'timed.effective_converted_at') }} as double) / 86400
            as days_to_convert,
        cast({{ seconds_between('timed.created_at', 'timed.first_response_at') }} as double) / 60
            as response_minutes,
        case when timed.is_test or timed.is_test_account then 'test' end as exclusion,
        timed.batch_id,
        timed.row_number
    from timed
    left join customers on timed.lead_key = customers.lead_key and customers.position = 1
    left join {{ ref('dim_campaign') }} as campaigns
        on timed.source = campaigns.source and timed.campaign_id = campaigns.campaign_id
)

select * from final
