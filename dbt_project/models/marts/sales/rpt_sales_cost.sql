with

costs as (
    select * from {{ ref('fct_campaign_costs') }} where exclusion is null
),

-- without any cost there is nothing to compare sales with
costed as (
    select count(*) > 0 as has_costs from costs
),

events as (
    select
        spent_on as happened_on,
        channel,
        amount as cost,
        cast(null as decimal(38, 2)) as revenue
    from costs
    union all
    select
        orders.ordered_on as happened_on,
        orders.channel,
        cast(null as decimal(38, 2)) as cost,
        orders.revenue
    from {{ ref('fct_orders') }} as orders
    inner join costed on costed.has_costs
    where orders.exclusion is null
),

{{ periods_between('events', 'happened_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.channel,
        {{ measured('cost', 'sum(events.cost)', 'decimal(38, 2)') }},
        {{ measured('revenue', 'sum(events.revenue)', 'decimal(38, 2)') }}
    from events
    inner join {{ ref('dim_period_day') }} as p on events.happened_on = p.date_day
    group by p.period_grain, p.period_start, events.channel
),

{{ member_grid('events', 'happened_on', ['channel'], whole_span=true) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.channel,
        {{ compared('cost', 'decimal(38, 2)') }},
        coalesce(measures.revenue, cast(0 as decimal(38, 2))) as revenue
    {{ from_grid(['channel']) }}
),

final as (
    select
        *,
        {{ ratio('cost_ratio', 'cost', 'revenue') }},
        {{ ratio('return_on_cost', 'cast(revenue - cost as decimal(38, 2))', 'cost') }}
    from filled
)

select * from final
