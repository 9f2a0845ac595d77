with

opportunities as (
    select * from {{ ref('fct_opportunities') }} where exclusion is null
),

spans as (
    select * from {{ ref('fct_opportunity_spans') }} where exclusion is null
),

current_spans as (
    select * from spans where is_current
),

-- all its visits to the stage that it is in now
visits as (
    select
        spans.opportunity_key,
        sum({{ seconds_between('spans.valid_from', 'least(spans.valid_to, ' ~ as_of() ~ ')') }}) as seconds_in_stage
    from spans
    inner join current_spans
        on spans.opportunity_key = current_spans.opportunity_key and spans.stage_key = current_spans.stage_key
    where spans.is_open and spans.valid_from < {{ as_of() }}
    group by spans.opportunity_key
),

judged as (
    select
        opportunities.*,
        opportunities.outcome = 'open' as is_open,
        case when opportunities.outcome = 'open' then current_spans.stage else opportunities.stage end as stage_now,
        case opportunities.outcome
            when 'won' then cast(1 as double)
            when 'lost' then cast(0 as double)
            else coalesce(opportunities.probability, stages.default_probability)
        end as probability_now,
        visits.seconds_in_stage
    from opportunities
    inner join current_spans on opportunities.opportunity_key = current_spans.opportunity_key
    left join {{ ref('dim_stage') }} as stages on current_spans.stage_key = stages.stage_key
    left join visits on opportunities.opportunity_key = visits.opportunity_key
),

final as (
    select
        judged.source,
        judged.opportunity_id,
        judged.customer_number,
        judged.channel,
        coalesce(campaigns.campaign_id, '(unknown)') as campaign,
        judged.pipeline,
        judged.stage_now as stage,
        judged.outcome,
        judged.currency,
        judged.amount_transaction,
        judged.amount,
        judged.probability_now as probability,
        {{ weighted('judged.amount', 'judged.probability_now') }} as weighted_amount,
        judged.created_on,
        judged.expected_close_on,
        judged.closed_on,
        cast({{ days_between('judged.created_on', 'coalesce(judged.closed_on, ' ~ as_of_date() ~ ')') }} as bigint)
            as age_days,
        case
            when judged.is_open then cast(floor(cast(coalesce(judged.seconds_in_stage, 0) as double) / 86400) as bigint)
        end as days_in_stage,
        judged.is_open and coalesce(judged.expected_close_on < {{ as_of_date() }}, false) as is_overdue,
        coalesce(judged.owner_user_id, '(unknown)') as owner,
        coalesce(judged.current_owner_user_id, '(unknown)') as current_owner,
        case when judged.outcome = 'lost' then coalesce(judged.lost_reason, '(unknown)') end as lost_reason,
        judged.competitor
    from judged
    left join {{ ref('dim_campaign') }} as campaigns
        on judged.source = campaigns.source and judged.campaign_id = campaigns.campaign_id
)

select * from final
