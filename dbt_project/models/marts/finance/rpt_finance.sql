{%- set known_in = [('', 'true'), ('_previous', 'periods.has_previous'), ('_last_year', 'periods.has_last_year')] -%}
with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

service_costs as (
    select * from {{ ref('fct_service_cost_days') }}
),

campaign_costs as (
    select * from {{ ref('fct_campaign_costs') }}
),

other_costs as (
    select * from {{ ref('fct_costs') }}
),

-- as long as no source lands such costs, nothing is known of them
landed as (
    select
        (select count(*) from service_costs) > 0 as has_service_costs,
        (select count(*) from campaign_costs) > 0 as has_marketing_costs,
        (select count(*) from other_costs) > 0 as has_other_costs
),

-- one row per order and cost, positive in the column that it belongs to
events as (
    select
        ordered_on as happened_on,
        'sale' as kind,
        revenue as amount,
        costed_revenue,
        cost,
        coalesce(costed_revenue, 0) - coalesce(cost, 0) as earned
    from orders
    union all
    select
        happened_on,
        'service' as kind,
        amount,
        null as costed_revenue,
        null as cost,
        -amount as earned
    from service_costs
    where exclusion is null
    union all
    select
        spent_on as happened_on,
        'marketing' as kind,
        amount,
        null as costed_revenue,
        null as cost,
        -amount as earned
    from campaign_costs
    where exclusion is null
    union all
    select
        incurred_on as happened_on,
        'other' as kind,
        amount,
        null as costed_revenue,
        null as cost,
        -amount as earned
    from other_costs
    where exclusion is null
),

{{ periods_between('events', 'happened_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        {{ measured('earned', 'sum(events.earned)', 'decimal(38, 2)') }},
        {{ measured('sales', "count(case when events.kind = 'sale' then 1 end)") }},
        {{ measured('costed', 'count(events.cost)') }},
        {% for kind in ['sale', 'service', 'marketing', 'other'] -%}
        cast(
            sum(events.amount) filter (where p.comparison = 'current' and events.kind = '{{ kind }}')
            as decimal(38, 2)
        ) as {{ kind }}_amount,
        {% endfor -%}
        cast(sum(events.costed_revenue) filter (where p.comparison = 'current') as decimal(38, 2)) as costed_revenue,
        cast(sum(events.cost) filter (where p.comparison = 'current') as decimal(38, 2)) as cost
    from events
    inner join {{ ref('dim_period_day') }} as p on events.happened_on = p.date_day
    group by p.period_grain, p.period_start
),

-- without sales nothing had to be made or bought; with sales and no cost of any line the profit is unknown
profits as (
    select
        periods.period_grain,
        periods.period_start,
        measures.costed_revenue,
        measures.earned,
        measures.sale_amount,
        measures.service_amount,
        measures.marketing_amount,
        measures.other_amount,
        case when coalesce(measures.sales, 0) = 0 then cast(0 as decimal(38, 2)) else measures.cost end as cost,
        {% for suffix, known in known_in -%}
        case
            when {{ known }} and (coalesce(measures.sales{{ suffix }}, 0) = 0 or measures.costed{{ suffix }} > 0)
                then coalesce(measures.earned{{ suffix }}, cast(0 as decimal(38, 2)))
        end as profit{{ suffix }}{% if not loop.last %},
        {% endif %}
        {%- endfor %}
    from periods
    left join measures
        on periods.period_grain = measures.period_grain and periods.period_start = measures.period_start
),

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        coalesce(profits.sale_amount, cast(0 as decimal(38, 2))) as revenue,
        coalesce(profits.costed_revenue, cast(0 as decimal(38, 2))) as costed_revenue,
        profits.cost as cost_of_goods,
        cast(
            case when profits.cost is not null then coalesce(profits.costed_revenue, 0) - profits.cost end
            as decimal(38, 2)
        ) as gross_profit,
        {% for kind in ['service', 'marketing', 'other'] -%}
        case when landed.has_{{ kind }}_costs then coalesce(profits.{{ kind }}_amount, cast(0 as decimal(38, 2))) end
            as {{ kind }}_cost,
        {% endfor -%}
        coalesce(profits.earned, cast(0 as decimal(38, 2))) as earned,
        {{ compared_known('profit', 'profits') }}
    from periods
    cross join landed
    inner join profits
        on periods.period_grain = profits.period_grain and periods.period_start = profits.period_start
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        revenue,
        cost_of_goods,
        gross_profit,
        {{ ratio('cost_coverage', 'costed_revenue', 'revenue') }},
        service_cost,
        marketing_cost,
        other_cost,
        profit,
        profit_previous,
        profit_last_year,
        profit_growth,
        profit_growth_yoy,
        {{ ratio('profit_margin', 'earned', 'costed_revenue') }}
    from filled
)

select * from final
