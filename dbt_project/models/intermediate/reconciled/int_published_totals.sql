-- Per metric, source and month what the facts say, and as source `(all)` what the published marts say.
{%- set facts = [
    ('revenue', 'fct_order_lines', 'ordered_on', 'sum(revenue)'),
    ('units', 'fct_order_lines', 'ordered_on', 'sum(quantity)'),
    ('orders', 'fct_orders', 'ordered_on', 'count(*)'),
    ('shipping', 'fct_orders', 'ordered_on', 'sum(shipping)'),
    ('payments', 'fct_payments', 'paid_on', 'sum(amount)'),
    ('leads', 'fct_leads', 'created_on', 'count(*)'),
    ('won', 'fct_opportunities', '(case when is_close_recorded then closed_on end)', "count(*) filter (where outcome = 'won')"),
    ('responses', 'fct_survey_responses', 'coalesce(responded_on, sent_on)', 'count(*) filter (where is_answered)'),
    ('returns', 'fct_returns', 'returned_on', 'sum(amount)'),
    ('invoices', 'fct_invoices', 'issued_on', 'sum(amount)'),
    ('campaign_cost', 'fct_campaign_costs', 'spent_on', 'sum(amount)'),
    ('service_cost', 'fct_service_costs', 'period_start', 'sum(amount)'),
    ('other_cost', 'fct_costs', 'incurred_on', 'sum(amount)'),
    ('tickets', 'fct_tickets', 'created_on', 'count(*)'),
    ('activities', 'fct_activities', 'occurred_on', 'count(*)'),
] -%}
{%- set marts = [
    ('revenue', 'rpt_sales_summary', 'sum(revenue)'),
    ('units', 'rpt_sales_summary', 'sum(units)'),
    ('orders', 'rpt_sales_summary', 'sum(orders)'),
    ('leads', 'rpt_lead_sources', 'sum(leads)'),
    ('responses', 'rpt_customer_satisfaction', 'sum(responses)'),
    ('returns', 'rpt_sales_summary', 'sum(returns_amount)'),
    ('campaign_cost', 'rpt_sales_cost', 'sum(cost)'),
    ('other_cost', 'rpt_finance', 'sum(other_cost)'),
    ('tickets', 'rpt_service_requests', 'sum(created)'),
    ('activities', 'rpt_interactions', 'sum(interactions)'),
] -%}
{%- for metric, fact, day, total in facts %}
select
    '{{ metric }}' as metric,
    source,
    {{ month_of(day) }} as period,
    cast({{ total }} as decimal(38, 12)) as total
from {{ ref(fact) }}
where exclusion is null
group by source, {{ month_of(day) }}
union all
{%- if metric not in marts | map('first') | list %}
select
    '{{ metric }}' as metric,
    '(all)' as source,
    {{ month_of(day) }} as period,
    cast({{ total }} as decimal(38, 12)) as total
from {{ ref(fact) }}
where exclusion is null
group by {{ month_of(day) }}
union all
{%- endif %}
{%- endfor %}
{%- for metric, mart, total in marts %}
select
    '{{ metric }}' as metric,
    '(all)' as source,
    period_start as period,
    cast({{ total }} as decimal(38, 12)) as total
from {{ ref(mart) }}
where period_grain = 'month'
group by period_start
having {{ total }} is not null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
