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
opinions as (
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
        coalesce(states.state, 'prospect') as state,
        coalesce(purchases.lifetime_orders, 0) as lifetime_orders,
        cast(case when purchases.customer_number is null then 0 else purchases.lifetime_revenue end as decimal(38, 2))
            as lifetime_revenue,
        cast(purchases.lifetime_gross_profit as decimal(38, 2)) as lifetime_gross_profit,
        coalesce(opportunities.open_opportunities, 0) as open_opportunities,
        cast(coalesce(opportunities.open_amount, 0) as decimal(38, 2)) as open_amount,
        coalesce(tickets.open_tickets, 0) as open_tickets,
        interactions.last_interaction_at,
        {{ ratio('csat', 'coalesce(satisfaction.satisfied, 0)', 'coalesce(satisfaction.responses, 0)') }},
        opinions.nps_group,
        {{ tag_combination('customers.tags') }} as tags,
        coalesce(customers.acquisition_channel, '(unknown)') as acquisition_channel,
        case when customers.campaign_id = '(other)' then '(other)' else coalesce(campaigns.campaign_id, '(unknown)') end
            as acquisition_campaign
    from customers
    left join purchases on customers.customer_number = purchases.customer_number
    left join classes on customers.customer_number = classes.customer_number
    left join states on customers.customer_number = states.customer_number
    left join opportunities on customers.customer_number = opportunities.customer_number
    left join tickets on customers.customer_number = tickets.customer_number
    left join interactions on customers.customer_number = interactions.customer_number
    left join satisfaction on customers.customer_number = satisfaction.customer_number
    left join opinions on customers.customer_number = opinions.customer_number and opinions.from_last = 1
    left join {{ ref('dim_campaign') }} as campaigns
        on customers.source = campaigns.source and customers.campaign_id = campaigns.campaign_id
    -- whoever is only a test or deleted is no customer; what somebody bought was bought
    where (not customers.is_test and not customers.is_deleted) or purchases.customer_number is not null
)

select * from final
