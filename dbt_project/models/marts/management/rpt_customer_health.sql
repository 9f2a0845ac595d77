{%- set names = ['recency', 'frequency', 'tickets', 'csat', 'receivables', 'contract'] -%}
with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

-- the first day that is not seen: now, and 90 days ago
moments as (
    select
        'now' as moment,
        {{ as_of_date() }} as seen_until
    union all
    select
        'before' as moment,
        {{ plus_days(as_of_date(), -90) }} as seen_until
),

purchases as (
    select
        moments.moment,
        orders.customer_number,
        cast({{ days_between('max(orders.ordered_on)', 'moments.seen_until') }} - 1 as bigint) as recency_days,
        count(*) filter (where orders.ordered_on >= {{ plus_days('moments.seen_until', -var('active_days')) }})
            as recent_orders,
        count(*) filter (
            where orders.ordered_on < {{ plus_days('moments.seen_until', -var('active_days')) }}
            and orders.ordered_on >= {{ plus_days('moments.seen_until', -2 * var('active_days')) }}
        ) as earlier_orders
    from orders
    inner join moments on orders.ordered_on < moments.seen_until
    where orders.customer_number is not null
    group by moments.moment, orders.customer_number, moments.seen_until
),

tickets as (
    select
        moments.moment,
        tickets.customer_number,
        sum(flows.change) as open_tickets
    from {{ ref('fct_tickets') }} as tickets
    inner join {{ ref('fct_ticket_flows') }} as flows on tickets.ticket_key = flows.ticket_key
    inner join moments on flows.occurred_on < moments.seen_until
    where tickets.exclusion is null
    group by moments.moment, tickets.customer_number
),

answers as (
    select
        moments.moment,
        responses.customer_number,
        count(*) filter (where responses.is_satisfied) as satisfied,
        count(*) as responses
    from {{ ref('fct_survey_responses') }} as responses
    inner join moments
        on coalesce(responses.responded_on, responses.sent_on) < moments.seen_until
        and coalesce(responses.responded_on, responses.sent_on)
        >= {{ plus_days('moments.seen_until', -var('value_days')) }}
    where responses.exclusion is null and responses.is_answered and responses.survey_kind = 'csat'
    group by moments.moment, responses.customer_number
),

-- an invoice is overdue from the day after it was due until it is paid in full
invoices as (
    select
        moments.moment,
        invoices.customer_number,
        sum(invoices.amount) as due_amount,
        sum(case
            when invoices.paid_until is null or invoices.paid_until >= moments.seen_until then invoices.amount
            else 0
        end) as overdue_amount
    from {{ ref('fct_invoices') }} as invoices
    inner join moments
        on invoices.due_on < {{ plus_days('moments.seen_until', -1) }}
        and (
            invoices.due_on >= {{ plus_days('moments.seen_until', -var('value_days')) }}
            or invoices.paid_until is null
            or invoices.paid_until >= moments.seen_until
        )
    where invoices.exclusion is null and invoices.amount > 0
    group by moments.moment, invoices.customer_number
),

contracts as (
    select
        moments.moment,
        subscriptions.customer_number,
        bool_or(subscriptions.ended_on is null or subscriptions.ended_on >= moments.seen_until) as is_running
    from {{ ref('fct_subscriptions') }} as subscriptions
    inner join moments
        on subscriptions.starts_on < moments.seen_until
        and coalesce(subscriptions.ended_on, moments.seen_until)
        >= {{ plus_days('moments.seen_until', -var('churn_days')) }}
    where
        subscriptions.exclusion is null
        and (subscriptions.ended_on is null or subscriptions.ended_on > subscriptions.starts_on)
    group by moments.moment, subscriptions.customer_number
),

-- every part from 0 (bad) to 1 (good), NULL where nothing is known
parts as (
    select
        purchases.moment,
        purchases.customer_number,
        purchases.recency_days,
        purchases.recent_orders,
        purchases.earlier_orders,
        tickets.open_tickets,
        invoices.overdue_amount,
        cast(greatest({{ var('churn_days') }} - purchases.recency_days, 0) as double)
        / {{ var('churn_days') }} as recency,
        case
            when purchases.earlier_orders > 0
                then least(cast(purchases.recent_orders as double) / purchases.earlier_orders, cast(1 as double))
            when purchases.recent_orders > 0 then cast(1 as double)
        end as frequency,
        cast(1 as double) / (1 + tickets.open_tickets) as tickets,
        cast(answers.satisfied as double) / answers.responses as csat,
        (cast(invoices.due_amount as double) - cast(invoices.overdue_amount as double))
        / cast(invoices.due_amount as double) as receivables,
        case when contracts.is_running then cast(1 as double) when not contracts.is_running then cast(0 as double) end
            as contract
    from purchases
    left join tickets
        on purchases.moment = tickets.moment and purchases.customer_number = tickets.customer_number
    left join answers
        on purchases.moment = answers.moment and purchases.customer_number = answers.customer_number
    left join invoices
        on purchases.moment = invoices.moment and purchases.customer_number = invoices.customer_number
    left join contracts
        on purchases.moment = contracts.moment and purchases.customer_number = contracts.customer_number
),

-- a part that is not known leaves its weight to the others
scored as (
    select
        *,
        {% for part in names -%}
        case when {{ part }} is not null then 1 else 0 end{% if not loop.last %} + {% endif %}
        {%- endfor %} as known_parts,
        100 * (
            {% for part in names -%}
            coalesce({{ part }} * {{ var('health_weight_' ~ part) }}, 0){% if not loop.last %} + {% endif %}
            {%- endfor %}
        )
        / nullif(
            {% for part in names -%}
            case when {{ part }} is not null then cast({{ var('health_weight_' ~ part) }} as double) else 0 end
            {%- if not loop.last %} + {% endif %}
            {%- endfor %},
            0
        ) as health_score
    from parts
),

final as (
    select
        now.customer_number,
        now.health_score,
        earlier.health_score as health_score_90_days_ago,
        now.health_score - earlier.health_score as health_trend,
        case
            when now.health_score is null then '(unknown)'
            when now.health_score >= {{ var('health_low_risk') }} then 'low'
            when now.health_score >= {{ var('health_high_risk') }} then 'medium'
            else 'high'
        end as risk_band,
        cast(now.known_parts as bigint) as known_parts,
        {% for part in names -%}
        now.{{ part }} as {{ part }}_part,
        {% endfor -%}
        now.recency_days,
        now.recent_orders,
        now.earlier_orders,
        cast(coalesce(now.open_tickets, 0) as bigint) as open_tickets,
        cast(coalesce(now.overdue_amount, 0) as decimal(38, 2)) as overdue_amount
    from scored as now
    left join scored as earlier on earlier.moment = 'before' and now.customer_number = earlier.customer_number
    where now.moment = 'now'
)

select * from final
