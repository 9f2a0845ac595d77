with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

tickets as (
    select * from {{ ref('fct_tickets') }} where exclusion is null
),

other_costs as (
    select * from {{ ref('fct_costs') }}
),

campaign_costs as (
    select * from {{ ref('fct_campaign_costs') }}
),

service_costs as (
    select * from {{ ref('fct_service_cost_days') }}
),

landed as (
    select
        (select count(*) from service_costs) > 0 as has_service_costs,
        (select count(*) from campaign_costs) > 0 as has_marketing_costs,
        (select count(*) from other_costs) > 0 as has_other_costs
),

-- the service cost of the days of a month that have come
service_months as (
    select
        dim_date.month_start,
        {{ cents_of('sum(service_costs.amount)') }} as amount_cents
    from service_costs
    inner join {{ ref('dim_date') }} as dim_date on service_costs.happened_on = dim_date.date_day
    where service_costs.exclusion is null
    group by dim_date.month_start
),

numbered_tickets as (
    select
        {{ month_of('created_on') }} as month_start,
        customer_number,
        row_number() over (partition by {{ month_of('created_on') }} order by ticket_key asc nulls last)
            as number_of_ticket,
        count(*) over (partition by {{ month_of('created_on') }}) as tickets
    from tickets
),

-- every ticket of a month bears the same part of its cost; a month without tickets has nobody to bear it
service_shares as (
    select
        numbered_tickets.customer_number,
        case
            when numbered_tickets.tickets is null then {{ amount_of('service_months.amount_cents') }}
            else
                {{ amount_of(part_of('service_months.amount_cents', 'numbered_tickets.number_of_ticket',
                    'numbered_tickets.tickets')) }}
        end as amount
    from service_months
    left join numbered_tickets on service_months.month_start = numbered_tickets.month_start
),

campaigns as (
    select
        source,
        campaign_id,
        {{ cents_of('sum(amount)') }} as amount_cents
    from campaign_costs
    where exclusion is null
    group by source, campaign_id
),

members as (
    select
        *,
        coalesce(
            'contact ' || contact_id, 'lead ' || lead_id, 'customer ' || customer_number, 'member ' || member_id
        ) as person,
        coalesce(opened_at, clicked_at, responded_at, attended_at) is not null as has_reacted
    from {{ ref('fct_campaign_members') }}
    where exclusion is null
),

-- a person is counted once per campaign, as in rpt_campaigns
persons as (
    select
        source,
        campaign_id,
        person,
        max(customer_number) as customer_number
    from members
    where is_treated or (not is_holdout and has_reacted and bounced_at is null)
    group by source, campaign_id, person
),

numbered_persons as (
    select
        source,
        campaign_id,
        customer_number,
        row_number() over (partition by source, campaign_id order by person asc nulls last) as number_of_person,
        count(*) over (partition by source, campaign_id) as persons
    from persons
),

-- everybody whom a campaign reached bears the same part of its cost; others are borne by nobody
marketing_shares as (
    select
        numbered_persons.customer_number,
        case
            when numbered_persons.persons is null then {{ amount_of('campaigns.amount_cents') }}
            else
                {{ amount_of(part_of('campaigns.amount_cents', 'numbered_persons.number_of_person',
                    'numbered_persons.persons')) }}
        end as amount
    from campaigns
    left join numbered_persons
        on campaigns.source = numbered_persons.source and campaigns.campaign_id = numbered_persons.campaign_id
),

events as (
    select
        'sale' as kind,
        customer_number,
        revenue as amount,
        costed_revenue,
        cost,
        coalesce(costed_revenue, 0) - coalesce(cost, 0) as earned
    from orders
    {%- set relations = {'service': 'service_shares', 'marketing': 'marketing_shares', 'other': 'other_costs'} %}
    {% for kind, relation in relations.items() -%}
    union all
    select
        '{{ kind }}' as kind,
        customer_number,
        amount,
        null as costed_revenue,
        null as cost,
        -amount as earned
    from {{ relation }}
    {% if kind == 'other' %}where exclusion is null{% endif %}
    {% endfor %}
),

measures as (
    select
        coalesce(customer_number, '(unassigned)') as customer_number,
        {% for kind in ['sale', 'service', 'marketing', 'other'] -%}
        cast(coalesce(sum(amount) filter (where kind = '{{ kind }}'), 0) as decimal(38, 2)) as {{ kind }}_amount,
        {% endfor -%}
        cast(coalesce(sum(costed_revenue), 0) as decimal(38, 2)) as costed_revenue,
        count(*) filter (where kind = 'sale') as sales,
        count(cost) as costed,
        cast(sum(cost) as decimal(38, 2)) as cost,
        cast(sum(earned) as decimal(38, 2)) as earned
    from events
    group by coalesce(customer_number, '(unassigned)')
),

filled as (
    select
        measures.customer_number,
        measures.sale_amount as revenue,
        measures.costed_revenue,
        case when measures.sales = 0 then cast(0 as decimal(38, 2)) else measures.cost end as cost_of_goods,
        {% for kind in ['service', 'marketing', 'other'] -%}
        case when landed.has_{{ kind }}_costs then measures.{{ kind }}_amount end as {{ kind }}_cost,
        {% endfor -%}
        measures.earned,
        case when measures.sales = 0 or measures.costed > 0 then measures.earned end as profit
    from measures
    cross join landed
),

final as (
    select
        customer_number,
        revenue,
        cost_of_goods,
        cast(case when cost_of_goods is not null then costed_revenue - cost_of_goods end as decimal(38, 2))
            as gross_profit,
        service_cost,
        marketing_cost,
        other_cost,
        profit,
        {{ ratio('profit_margin', 'earned', 'costed_revenue') }}
    from filled
)

select * from final
