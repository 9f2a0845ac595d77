with

-- without any campaign there is nothing to report on
has_campaigns as (
    select count(*) > 0 as is_given from {{ ref('dim_campaign') }}
),

recorded as (
    select
        source,
        campaign,
        spent_on as happened_on,
        amount as cost,
        impressions,
        clicks,
        case when clicks is not null then impressions end as impressions_with_clicks,
        case when impressions is not null then clicks end as clicks_of_impressions,
        case when clicks is not null then amount end as cost_of_clicks,
        cast(null as bigint) as leads,
        cast(null as bigint) as won,
        cast(null as decimal(38, 2)) as revenue
    from {{ ref('fct_campaign_costs') }}
    where exclusion is null
    union all
    select
        source,
        campaign,
        created_on as happened_on,
        null as cost,
        null as impressions,
        null as clicks,
        null as impressions_with_clicks,
        null as clicks_of_impressions,
        null as cost_of_clicks,
        1 as leads,
        null as won,
        null as revenue
    from {{ ref('fct_leads') }}
    where exclusion is null
    union all
    select
        opportunities.source,
        origins.campaign,
        opportunities.closed_on as happened_on,
        null as cost,
        null as impressions,
        null as clicks,
        null as impressions_with_clicks,
        null as clicks_of_impressions,
        null as cost_of_clicks,
        null as leads,
        1 as won,
        null as revenue
    from {{ ref('fct_opportunities') }} as opportunities
    inner join {{ ref('int_opportunity_campaign') }} as origins
        on opportunities.source = origins.source and opportunities.opportunity_id = origins.opportunity_id
    where opportunities.exclusion is null and opportunities.outcome = 'won'
    union all
    select
        orders.source,
        origins.campaign,
        orders.ordered_on as happened_on,
        null as cost,
        null as impressions,
        null as clicks,
        null as impressions_with_clicks,
        null as clicks_of_impressions,
        null as cost_of_clicks,
        null as leads,
        null as won,
        orders.revenue
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('int_order_campaign') }} as origins
        on orders.source = origins.source and orders.order_id = origins.order_id
    where orders.exclusion is null
),

events as (
    select recorded.*
    from recorded
    inner join has_campaigns on has_campaigns.is_given
),

{{ periods_between('events', 'happened_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.source,
        events.campaign,
        {{ measured('cost', 'sum(events.cost)', 'decimal(38, 2)') }},
        sum(events.impressions) filter (where p.comparison = 'current') as impressions,
        sum(events.clicks) filter (where p.comparison = 'current') as clicks,
        sum(events.impressions_with_clicks) filter (where p.comparison = 'current') as impressions_with_clicks,
        sum(events.clicks_of_impressions) filter (where p.comparison = 'current') as clicks_of_impressions,
        sum(events.cost_of_clicks) filter (where p.comparison = 'current') as cost_of_clicks,
        sum(events.leads) filter (where p.comparison = 'current') as leads,
        sum(events.won) filter (where p.comparison = 'current') as won,
        sum(events.revenue) filter (where p.comparison = 'current') as revenue
    from events
    inner join {{ ref('dim_period_day') }} as p on events.happened_on = p.date_day
    group by p.period_grain, p.period_start, events.source, events.campaign
),

{{ member_grid('events', 'happened_on', ['source', 'campaign']) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.source,
        grid.campaign,
        {{ compared('cost', 'decimal(38, 2)') }},
        cast(coalesce(measures.impressions, 0) as bigint) as impressions,
        cast(coalesce(measures.clicks, 0) as bigint) as clicks,
        cast(coalesce(measures.impressions_with_clicks, 0) as bigint) as impressions_with_clicks,
        cast(coalesce(measures.clicks_of_impressions, 0) as bigint) as clicks_of_impressions,
        cast(coalesce(measures.cost_of_clicks, 0) as decimal(38, 2)) as cost_of_clicks,
        cast(coalesce(measures.leads, 0) as bigint) as leads,
        cast(coalesce(measures.won, 0) as bigint) as won,
        cast(coalesce(measures.revenue, 0) as decimal(38, 2)) as revenue
    {{ from_grid(['source', 'campaign']) }}
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        source,
        campaign,
        cost,
        cost_previous,
        cost_last_year,
        cost_growth,
        cost_growth_yoy,
        impressions,
        clicks,
        {{ ratio('ctr', 'clicks_of_impressions', 'impressions_with_clicks') }},
        {{ ratio('cpc', 'cost_of_clicks', 'clicks') }},
        leads,
        won,
        revenue
    from filled
)

select * from final
