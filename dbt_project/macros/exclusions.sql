{# The fact that each entity's rows become, where they become one. #}
{% macro fact_of_entity() -%}
    {{ return({
        'order': 'fct_orders', 'order_line': 'fct_order_lines', 'return_line': 'fct_returns', 'invoice': 'fct_invoices',
        'payment': 'fct_payments', 'subscription': 'fct_subscriptions', 'lead': 'fct_leads',
        'opportunity': 'fct_opportunities', 'activity': 'fct_activities', 'campaign_member': 'fct_campaign_members',
        'campaign_cost': 'fct_campaign_costs', 'touchpoint': 'fct_touchpoints', 'ticket': 'fct_tickets',
        'survey_response': 'fct_survey_responses', 'target': 'fct_targets', 'ticket_event': 'fct_ticket_events',
        'service_cost': 'fct_service_costs', 'cost': 'fct_costs', 'project_task': 'fct_project_tasks',
        'market_size': 'fct_market_sizes', 'competitor_observation': 'fct_competitor_observations',
    }) }}
{%- endmacro %}
