{%- set dealings = {
    'states': ['state'],
    'opportunities': ['open_opportunities', 'open_amount'],
    'tickets': ['open_tickets'],
    'interactions': ['last_interaction_at'],
    'satisfaction': ['satisfied', 'responses'],
    'opinions': ['nps_group'],
} -%}
with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

purchases as (
    select
        customer_number,
        min(ordered_on) as first_purchase_on,
        max(ordered_on) as last_purchase_on,
        count(*) as lifetime_orders,
        sum(revenue) as lifetime_revenue,
        sum(costed_revenue - cost) as lifetime_gross_profit
    from orders
    group by customer_number
),

customers as (
    select * from {{ ref('dim_customer') }} where is_current
),

classes as (
    select * from {{ ref('fct_customer_classes') }} where assigned_on = {{ plus_days(as_of_date(), -1) }}
),

spells as (
    select
        *,
        row_number() over (partition by customer_number order by spell_number desc nulls last) as from_last
    from {{ ref('fct_customer_spells') }}
    where active_from < {{ observed_until() }}
),

states as (
    select
        customer_number,
        case
            when active_until >= {{ observed_until() }} then 'active'
            when churned_on < {{ observed_until() }} then 'churned'
            else 'silent'
        end as state
    from spells
    where from_last = 1
),

opportunities as (
    select
        customer_number,
        count(*) as open_opportunities,
        sum(amount) as open_amount
    from {{ ref('fct_opportunities') }}
    where exclusion is null and outcome = 'open'
    group by customer_number
),

tickets as (
    select
        customer_number,
        count(*) as open_tickets
    from {{ ref('fct_tickets') }}
    where exclusion is null and status not in ('solved', 'closed')
    group by customer_number
),

interactions as (
    select
        customer_number,
        max(occurred_at) as last_interaction_at
    from {{ ref('fct_activities') }}
    where exclusion is null and occurred_at <= {{ as_of() }}
    group by customer_number
),

answers as (
    select
        *,
        coalesce(responded_on, sent_on) as answered_on
    from {{ ref('fct_survey_responses') }}
    where
        exclusion is null and is_answered and customer_number is not null
        and coalesce(responded_on, sent_on) is not null
),

satisfaction as (
    select
        customer_number,
        count(*) filter (where is_satisfied) as satisfied,
        count(*) as responses
    from answers
    where survey_kind = 'csat'
    group by customer_number
),

-- 0 to 6 of 10 are detractors, 0 among them; other scales by the same share of the scale
ranked_opinions as (
    select
        customer_number,
        case
            when is_satisfied then 'promoter'
            when (score - coalesce(scale_min, 0)) * 10 < (coalesce(scale_max, 10) - coalesce(scale_min, 0)) * 7
                then 'detractor'
            else 'passive'
        end as nps_group,
        row_number() over (
            partition by customer_number
            order by
                answered_on desc nulls last, responded_at desc nulls last, sent_at desc nulls last,
                response_key asc nulls last
        ) as from_last
    from answers
    where survey_kind = 'nps'
),

opinions as (
    select
        customer_number,
        nps_group
    from ranked_opinions
    where from_last = 1
),

-- one row per customer of what is known beside its purchases: each part has it once, and together they are joined once
dealings as (
    select
        customer_number,
        max(state) as state,
        max(open_opportunities) as open_opportunities,
        max(open_amount) as open_amount,
        max(open_tickets) as open_tickets,
        max(last_interaction_at) as last_interaction_at,
        max(satisfied) as satisfied,
        max(responses) as responses,
        max(nps_group) as nps_group
    from (
        {%- for part, columns in dealings.items() %}
        select
            {% for column in dealings.values() | sum(start=[]) -%}
            {{ column if column in columns else 'null' }} as {{ column }},
            {% endfor -%}
            customer_number
        from {{ part }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as parts
    group by customer_number
),

final as (
    select
        customers.customer_number,
        customers.account_type,
        customers.country,
        customers.province,
        purchases.first_purchase_on,
        purchases.last_purchase_on,
        classes.recency_days,
        coalesce(classes.frequency, 0) as frequency,
        coalesce(classes.monetary, cast(0 as decimal(38, 2))) as monetary,
        classes.rfm_score,
        {% for column in ['rfm_segment', 'value_tier', 'abc_class'] -%}
        coalesce(classes.{{ column }}, case when purchases.customer_number is null then 'none' else '(new)' end)
            as {{ column }},
        {% endfor -%}
        coalesce(dealings.state, 'prospect') as state,
        coalesce(purchases.lifetime_orders, 0) as lifetime_orders,
        cast(case when purchases.customer_number is null then 0 else purchases.lifetime_revenue end as decimal(38, 2))
            as lifetime_revenue,
        cast(purchases.lifetime_gross_profit as decimal(38, 2)) as lifetime_gross_profit,
        coalesce(dealings.open_opportunities, 0) as open_opportunities,
        cast(coalesce(dealings.open_amount, 0) as decimal(38, 2)) as open_amount,
        coalesce(dealings.open_tickets, 0) as open_tickets,
        dealings.last_interaction_at,
        {{ ratio('csat', 'coalesce(dealings.satisfied, 0)', 'coalesce(dealings.responses, 0)') }},
        dealings.nps_group,
        {{ tag_combination('customers.tags') }} as tags,
        coalesce(customers.acquisition_channel, '(unknown)') as acquisition_channel,
        case when customers.campaign_id = '(other)' then '(other)' else coalesce(campaigns.campaign_id, '(unknown)') end
            as acquisition_campaign
    from customers
    left join purchases on customers.customer_number = purchases.customer_number
    left join classes on customers.customer_number = classes.customer_number
    left join dealings on customers.customer_number = dealings.customer_number
    left join {{ ref('dim_campaign') }} as campaigns
        on customers.source = campaigns.source and customers.campaign_id = campaigns.campaign_id
    -- whoever is only a test or deleted is no customer; what somebody bought was bought
    where (not customers.is_test and not customers.is_deleted) or purchases.customer_number is not null
)

select * from final
