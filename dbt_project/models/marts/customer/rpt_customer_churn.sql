{%- set kinds = {
    'orders': ['fct_orders', 'ordered_on'],
    'tickets': ['fct_tickets', 'created_on'],
    'interactions': ['fct_activities', 'occurred_on'],
} -%}
with

churns as (
    select
        customer_number,
        churned_on,
        ended_by,
        coalesce(cancel_reason, '(unknown)') as reason,
        last_order_on
    from {{ ref('fct_customer_spells') }}
    where churned_on < {{ observed_until() }}
),

events as (
    {%- for kind, (fact, day) in kinds.items() %}
    select
        customer_number,
        {{ day }} as happened_on,
        '{{ kind }}' as kind,
        {{ 'revenue' if kind == 'orders' else 'cast(0 as decimal(38, 2))' }} as revenue
    from {{ ref(fact) }}
    where exclusion is null and customer_number is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- measured back from the last order: who churns by silence has bought nothing in the time before the churn
spans as (
    select
        churns.customer_number,
        churns.churned_on,
        events.kind,
        events.revenue,
        case
            when events.happened_on > churns.last_order_on then 'since'
            when events.happened_on > {{ plus_days('churns.last_order_on', -90) }} then 'last'
            else 'prior'
        end as span
    from churns
    inner join events
        on churns.customer_number = events.customer_number
        and events.happened_on > {{ plus_days('churns.last_order_on', -180) }}
        and events.happened_on < churns.churned_on
),

counts as (
    select
        customer_number,
        churned_on,
        {% for kind in kinds -%}
        {% for span in ['last', 'prior', 'since'] -%}
        count(*) filter (where kind = '{{ kind }}' and span = '{{ span }}') as {{ kind }}_{{ span }},
        {% endfor -%}
        {% endfor -%}
        sum(revenue) filter (where kind = 'orders' and span = 'last') as revenue_last,
        sum(revenue) filter (where kind = 'orders' and span = 'prior') as revenue_prior
    from spans
    group by customer_number, churned_on
),

filled as (
    select
        churns.*,
        {% for kind in kinds -%}
        {% for span in ['last', 'prior', 'since'] -%}
        cast(coalesce(counts.{{ kind }}_{{ span }}, 0) as bigint) as {{ kind }}_{{ span }},
        {% endfor -%}
        {% endfor -%}
        cast(coalesce(counts.revenue_last, 0) as decimal(38, 2)) as revenue_last,
        cast(coalesce(counts.revenue_prior, 0) as decimal(38, 2)) as revenue_prior
    from churns
    left join counts
        on churns.customer_number = counts.customer_number and churns.churned_on = counts.churned_on
),

final as (
    select
        customer_number,
        churned_on,
        reason,
        ended_by,
        last_order_on,
        {% for kind in ['orders', 'revenue', 'tickets', 'interactions'] -%}
        {{ kind }}_last as {{ kind }}_last_90_days,
        {{ kind }}_prior as {{ kind }}_prior_90_days,
        cast({{ kind }}_last - {{ kind }}_prior as {{ 'decimal(38, 2)' if kind == 'revenue' else 'bigint' }})
            as {{ kind }}_change,
        {% endfor -%}
        tickets_since as tickets_since_last_order,
        interactions_since as interactions_since_last_order
    from filled
)

select * from final
