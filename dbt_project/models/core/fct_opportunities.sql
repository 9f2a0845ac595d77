-- One row per opportunity that is not deleted, in its present state.
with

spans as (
    select
        source,
        opportunity_id,
        span_number,
        valid_from,
        is_open,
        state,
        owner_user_id,
        lag(state) over (partition by source, opportunity_id order by span_number asc nulls last) as previous_state
    from {{ ref('fct_opportunity_spans') }}
),

turns as (
    select
        *,
        row_number() over (partition by source, opportunity_id order by span_number desc nulls last) as from_last
    from spans
    where previous_state is null or previous_state <> state
),

reopenings as (
    select
        source,
        opportunity_id,
        count(*) as reopenings
    from turns
    where is_open and previous_state is not null
    group by source, opportunity_id
),

-- a closing that the source does not date happened when we learned of it
opportunities as (
    select
        opportunities.*,
        coalesce(opportunities.currency, opportunities.default_currency) as opportunity_currency,
        {{ local_date('opportunities.created_at') }} as created_on,
        case when opportunities.outcome <> 'open' then coalesce(opportunities.closed_at, turns.valid_from) end
            as ended_at,
        case when opportunities.outcome = 'open' then opportunities.owner_user_id else turns.owner_user_id end
            as owner_of_outcome
    from {{ ref('int_opportunity') }} as opportunities
    inner join turns
        on opportunities.source = turns.source
        and opportunities.opportunity_id = turns.opportunity_id
        and turns.from_last = 1
),

dated as (
    select
        *,
        {{ local_date('ended_at') }} as closed_on
    from opportunities
),

final as (
    select
        {{ surrogate_key(['dated.source', 'dated.opportunity_id']) }} as opportunity_key,
        dated.source,
        dated.opportunity_id,
        case
            when dated.lead_id is not null then {{ surrogate_key(['dated.source', 'dated.lead_id']) }}
        end as lead_key,
        dated.lead_id,
        accounts.customer_number,
        dated.owner_of_outcome as owner_user_id,
        dated.owner_user_id as current_owner_user_id,
        users.team_id,
        coalesce(dated.pipeline, '(unknown)') as pipeline,
        coalesce(dated.stage, '(unknown)') as stage,
        dated.outcome,
        dated.lost_reason,
        dated.competitor,
        coalesce(dated.channel, '(unknown)') as channel,
        dated.campaign_id,
        dated.product_id,
        dated.created_at,
        dated.created_on,
        dated.ended_at as closed_at,
        dated.closed_on,
        case when dated.outcome <> 'open' then dated.closed_at is not null end as is_close_recorded,
        coalesce(reopenings.reopenings, 0) as reopenings,
        dated.expected_close_on,
        dated.probability,
        dated.opportunity_currency as currency,
        rates.rate as exchange_rate,
        dated.amount as amount_transaction,
        {{ converted('dated.amount', 'rates.rate') }} as amount,
        case when dated.is_test or coalesce(accounts.is_test, false) then 'test' end as exclusion,
        dated.batch_id,
        dated.row_number
    from dated
    left join reopenings
        on dated.source = reopenings.source and dated.opportunity_id = reopenings.opportunity_id
    left join {{ ref('int_customer_account') }} as accounts
        on dated.source = accounts.source and dated.account_id = accounts.account_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on dated.opportunity_currency = rates.from_currency
        and coalesce(dated.closed_on, dated.created_on) >= rates.valid_from
        and coalesce(dated.closed_on, dated.created_on) < rates.valid_to
    left join {{ ref('dim_user') }} as users
        on dated.source = users.source
        and dated.owner_of_outcome = users.user_id
        and coalesce(dated.ended_at, {{ as_of() }}) >= users.valid_from
        and coalesce(dated.ended_at, {{ as_of() }}) < users.valid_to
)

select * from final
