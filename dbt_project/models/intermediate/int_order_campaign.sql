-- One row per order that is conformed: the one campaign that it is counted for.
with

orders as (
    select * from {{ ref('int_order') }}
),

final as (
    select
        orders.source,
        orders.order_id,
        coalesce(own.campaign_id, opportunities.campaign, '(unknown)') as campaign
    from orders
    left join {{ ref('int_campaign') }} as own
        on orders.source = own.source and orders.campaign_id = own.campaign_id
    left join {{ ref('int_opportunity_campaign') }} as opportunities
        on orders.source = opportunities.source and orders.opportunity_id = opportunities.opportunity_id
)

select * from final
