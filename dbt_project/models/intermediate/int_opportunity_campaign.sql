-- One row per opportunity that is conformed: the campaign that it comes from.
with

opportunities as (
    select * from {{ ref('int_opportunity') }}
),

final as (
    select
        opportunities.source,
        opportunities.opportunity_id,
        -- a campaign that the campaign list does not hold says nothing, so what comes after it is asked
        coalesce(own.campaign_id, of_lead.campaign_id, '(unknown)') as campaign
    from opportunities
    left join {{ ref('int_lead') }} as leads
        on opportunities.source = leads.source and opportunities.lead_id = leads.lead_id
    left join {{ ref('int_campaign') }} as own
        on opportunities.source = own.source and opportunities.campaign_id = own.campaign_id
    left join {{ ref('int_campaign') }} as of_lead
        on leads.source = of_lead.source and leads.campaign_id = of_lead.campaign_id
)

select * from final
