with

campaigns as (
    select * from {{ ref('dim_campaign') }}
),

-- without any campaign there is nothing to report on
has_campaigns as (
    select count(*) > 0 as is_given from campaigns
),

-- a person is a contact, or else a lead, or else a customer, and is counted once per campaign
members as (
    select
        *,
        coalesce(
            'contact ' || contact_id, 'lead ' || lead_id, 'customer ' || customer_number, 'member ' || member_id
        ) as person,
        opened_at is not null or clicked_at is not null as has_opened,
        coalesce(opened_at, clicked_at, responded_at, attended_at) is not null as has_reacted
    from {{ ref('fct_campaign_members') }}
    where exclusion is null
),

-- who reacted was reached even if nobody noted a delivery; who bounced was not, whatever a machine noted afterwards
reached as (
    select
        *,
        not is_holdout and (invited_at is not null or delivered_at is not null or has_reacted) as is_invited,
        is_treated or (not is_holdout and has_reacted and bounced_at is null) as is_reached
    from members
),

persons as (
    select
        source,
        campaign_id,
        campaign,
        person,
        bool_or(is_invited) as is_invited,
        bool_or(is_reached) as is_reached,
        bool_or(is_reached and has_opened) as has_opened,
        bool_or(is_reached and responded_at is not null) as has_responded,
        bool_or(is_reached and attended_at is not null) as has_attended,
        bool_or(is_holdout) as is_holdout
    from reached
    group by source, campaign_id, campaign, person
),

audiences as (
    select
        source,
        campaign,
        count(*) filter (where is_invited) as invited,
        count(*) filter (where is_reached) as delivered,
        count(*) filter (where has_opened) as opened,
        count(*) filter (where has_responded) as responded,
        count(*) filter (where has_attended) as attended,
        count(*) filter (where is_holdout and not is_invited) as held_out
    from persons
    group by source, campaign
),

leads as (
    select
        source,
        campaign,
        count(*) as leads
    from {{ ref('fct_leads') }}
    where exclusion is null
    group by source, campaign
),

deals as (
    select
        opportunities.source,
        origins.campaign,
        count(*) as won,
        sum(opportunities.amount) as won_amount
    from {{ ref('fct_opportunities') }} as opportunities
    inner join {{ ref('int_opportunity_campaign') }} as origins
        on opportunities.source = origins.source and opportunities.opportunity_id = origins.opportunity_id
    where opportunities.exclusion is null and opportunities.outcome = 'won'
    group by opportunities.source, origins.campaign
),

sales as (
    select
        orders.source,
        origins.campaign,
        count(*) as orders,
        count(*) filter (where orders.is_first_purchase) as customers,
        sum(orders.revenue) as revenue,
        case
            when count(*) filter (where orders.costed_revenue is distinct from orders.revenue) = 0
                then sum(orders.revenue - coalesce(orders.cost, 0))
        end as gross_profit
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('int_order_campaign') }} as origins
        on orders.source = origins.source and orders.order_id = origins.order_id
    where orders.exclusion is null
    group by orders.source, origins.campaign
),

-- costs are added up before they meet anything else, so that nothing can multiply them
costs as (
    select
        source,
        campaign,
        sum(amount) as cost
    from {{ ref('fct_campaign_costs') }}
    where exclusion is null
    group by source, campaign
),

listed as (
    select
        source,
        campaign_id as campaign
    from campaigns
    where not is_test
    {%- for part in ['audiences', 'leads', 'deals', 'sales', 'costs'] %}
    union
    select
        source,
        campaign
    from {{ part }}
    {%- endfor %}
),

measured as (
    select
        listed.source,
        listed.campaign,
        campaigns.campaign_name,
        coalesce(campaigns.channel, '(unknown)') as channel,
        campaigns.kind,
        campaigns.starts_on,
        campaigns.ends_on,
        coalesce(audiences.invited, 0) as invited,
        coalesce(audiences.delivered, 0) as delivered,
        coalesce(audiences.opened, 0) as opened,
        coalesce(audiences.responded, 0) as responded,
        coalesce(audiences.attended, 0) as attended,
        coalesce(audiences.held_out, 0) as held_out,
        coalesce(leads.leads, 0) as leads,
        coalesce(sales.customers, 0) as customers,
        coalesce(deals.won, 0) as won,
        cast(coalesce(deals.won_amount, 0) as decimal(38, 2)) as won_amount,
        coalesce(sales.orders, 0) as orders,
        cast(coalesce(sales.revenue, 0) as decimal(38, 2)) as revenue,
        cast(case when sales.campaign is null then 0 else sales.gross_profit end as decimal(38, 2)) as gross_profit,
        cast(coalesce(costs.cost, 0) as decimal(38, 2)) as cost
    from listed
    inner join has_campaigns on has_campaigns.is_given
    left join campaigns on listed.source = campaigns.source and listed.campaign = campaigns.campaign_id
    {%- for part in ['audiences', 'leads', 'deals', 'sales', 'costs'] %}
    left join {{ part }} on listed.source = {{ part }}.source and listed.campaign = {{ part }}.campaign
    {%- endfor %}
),

final as (
    select
        source,
        campaign,
        campaign_name,
        channel,
        kind,
        starts_on,
        ends_on,
        invited,
        delivered,
        opened,
        responded,
        attended,
        held_out,
        leads,
        customers,
        won,
        won_amount,
        orders,
        cost,
        revenue,
        gross_profit,
        {{ ratio('participation_rate', 'attended', 'delivered') }},
        {{ ratio('response_rate', 'responded', 'delivered') }},
        {{ ratio('lead_rate', 'leads', 'delivered') }},
        {{ ratio('conversion_rate', 'customers', 'leads') }},
        {{ ratio('overall_conversion_rate', 'customers', 'delivered') }},
        {{ ratio('cost_per_lead', 'cost', 'leads') }},
        {{ ratio('cac', 'cost', 'customers') }},
        {{ ratio('roas', 'revenue', 'cost') }},
        {{ ratio('roi', 'cast(revenue - cost as decimal(38, 2))', 'cost') }},
        {{ ratio('profit_roi', 'cast(gross_profit - cost as decimal(38, 2))', 'cost') }}
    from measured
)

select * from final
