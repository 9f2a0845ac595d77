with

credits as (
    select * from {{ ref('attribution_credits') }}
),

models as (
    select distinct model from credits
),

events as (
    select
        day as happened_on,
        model,
        source,
        channel,
        campaign,
        conversions,
        revenue,
        cast(null as decimal(38, 2)) as cost
    from credits
    union all
    select
        costs.spent_on as happened_on,
        models.model,
        costs.source,
        costs.channel,
        costs.campaign,
        cast(null as decimal(38, 6)) as conversions,
        cast(null as decimal(38, 2)) as revenue,
        costs.amount as cost
    from {{ ref('fct_campaign_costs') }} as costs
    cross join models
    where costs.exclusion is null
),

{{ periods_between('events', 'happened_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.model,
        events.source,
        events.channel,
        events.campaign,
        sum(events.conversions) as conversions,
        sum(events.revenue) as revenue,
        sum(events.cost) as cost
    from events
    inner join {{ ref('dim_period_day') }} as p
        on events.happened_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, events.model, events.source, events.channel, events.campaign
),

{{ member_grid('events', 'happened_on', ['model', 'source', 'channel', 'campaign']) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.model,
        grid.source,
        grid.channel,
        grid.campaign,
        cast(coalesce(measures.conversions, 0) as decimal(38, 6)) as conversions,
        cast(coalesce(measures.revenue, 0) as decimal(38, 2)) as revenue,
        cast(coalesce(measures.cost, 0) as decimal(38, 2)) as cost
    {{ from_grid(['model', 'source', 'channel', 'campaign']) }}
),

final as (
    select
        *,
        {{ ratio('roi', 'cast(revenue - cost as decimal(38, 2))', 'cost') }}
    from filled
)

select * from final
