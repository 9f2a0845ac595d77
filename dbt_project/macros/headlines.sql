{# The figures that the trend, the comparison and the monthly report show, each from the mart that has it.
   `kind`: `amount` adds up over time, `stock` is as at the end of a period, `ratio` is `of` divided by `per`.
   `better`: `up`, `down` or `none`. `by`: the dimensions that it is broken down by, and the SQL of their members. `compared`:
   the mart compares it itself, also where the period is incomplete. Sums over the members of a mart are its totals. #}
{% macro headlines() -%}
    {{ return([
        {'metric': 'revenue', 'mart': 'rpt_sales_summary', 'of': 'revenue', 'kind': 'amount', 'better': 'up', 'compared': true},
        {'metric': 'gross_profit', 'mart': 'rpt_sales_summary', 'of': 'gross_profit', 'kind': 'amount', 'better': 'up', 'compared': true},
        {'metric': 'gross_margin', 'mart': 'rpt_sales_summary', 'of': 'gross_margin_numerator', 'per': 'gross_margin_denominator', 'kind': 'ratio', 'better': 'up'},
        {'metric': 'orders', 'mart': 'rpt_sales_summary', 'of': 'orders', 'kind': 'amount', 'better': 'up', 'compared': true},
        {'metric': 'average_order_value', 'mart': 'rpt_sales_summary', 'of': 'average_order_value_numerator', 'per': 'average_order_value_denominator', 'kind': 'ratio', 'better': 'up'},
        {'metric': 'new_customers', 'mart': 'rpt_sales_summary', 'of': 'new_customers', 'kind': 'amount', 'better': 'up'},
        {'metric': 'profit', 'mart': 'rpt_finance', 'of': 'profit', 'kind': 'amount', 'better': 'up', 'compared': true},
        {'metric': 'other_cost', 'mart': 'rpt_finance', 'of': 'other_cost', 'kind': 'amount', 'better': 'down'},
        {'metric': 'service_cost', 'mart': 'rpt_finance', 'of': 'service_cost', 'kind': 'amount', 'better': 'down'},
        {'metric': 'campaign_cost', 'mart': 'rpt_sales_cost', 'of': 'cost', 'kind': 'amount', 'better': 'none', 'compared': true},
        {'metric': 'won', 'mart': 'rpt_sales_team', 'of': 'won', 'kind': 'amount', 'better': 'up', 'compared': true, 'where': "level = 'user'"},
        {'metric': 'won_amount', 'mart': 'rpt_sales_team', 'of': 'won_amount', 'kind': 'amount', 'better': 'up', 'where': "level = 'user'"},
        {'metric': 'win_rate', 'mart': 'rpt_win_rate', 'of': 'win_rate_numerator', 'per': 'win_rate_denominator', 'kind': 'ratio', 'better': 'up', 'where': "basis = 'period' and measure = 'count'"},
        {'metric': 'weighted_amount', 'mart': 'rpt_pipeline', 'of': 'weighted_amount', 'kind': 'stock', 'better': 'up'},
        {'metric': 'leads', 'mart': 'rpt_lead_sources', 'of': 'leads', 'kind': 'amount', 'better': 'up', 'compared': true},
        {'metric': 'lead_conversion_rate', 'mart': 'rpt_lead_sources', 'of': 'conversion_rate_numerator', 'per': 'conversion_rate_denominator', 'kind': 'ratio', 'better': 'up'},
        {'metric': 'closing_active', 'mart': 'rpt_customer_base', 'of': 'closing_active', 'kind': 'stock', 'better': 'up'},
        {'metric': 'churn_rate', 'mart': 'rpt_customer_base', 'of': 'churn_rate_numerator', 'per': 'churn_rate_denominator', 'kind': 'ratio', 'better': 'down'},
        {'metric': 'csat', 'mart': 'rpt_customer_satisfaction', 'of': 'csat_numerator', 'per': 'csat_denominator', 'kind': 'ratio', 'better': 'up', 'where': "survey_kind = 'csat'"},
        {'metric': 'response_rate', 'mart': 'rpt_customer_satisfaction', 'of': 'response_rate_numerator', 'per': 'response_rate_denominator', 'kind': 'ratio', 'better': 'up', 'where': "survey_kind = 'csat'"},
        {'metric': 'collection_rate', 'mart': 'rpt_receivables', 'of': 'collection_rate_numerator', 'per': 'collection_rate_denominator', 'kind': 'ratio', 'better': 'up'},
        {'metric': 'revenue', 'mart': 'rpt_sales_by_channel', 'of': 'revenue', 'kind': 'amount', 'better': 'up', 'compared': true, 'by': 'channel', 'member': 'channel'},
        {'metric': 'revenue', 'mart': 'rpt_sales_by_region', 'of': 'revenue', 'kind': 'amount', 'better': 'up', 'compared': true, 'by': 'region', 'member': "country || ' / ' || province"},
        {'metric': 'revenue', 'mart': 'rpt_sales_by_product', 'of': 'revenue', 'kind': 'amount', 'better': 'up', 'compared': true, 'by': 'product_line', 'member': 'product_line'},
        {'metric': 'orders', 'mart': 'rpt_sales_by_channel', 'of': 'orders', 'kind': 'amount', 'better': 'up', 'compared': true, 'by': 'channel', 'member': 'channel'},
        {'metric': 'orders', 'mart': 'rpt_sales_by_region', 'of': 'orders', 'kind': 'amount', 'better': 'up', 'compared': true, 'by': 'region', 'member': "country || ' / ' || province"},
        {'metric': 'campaign_cost', 'mart': 'rpt_sales_cost', 'of': 'cost', 'kind': 'amount', 'better': 'none', 'compared': true, 'by': 'channel', 'member': 'channel'},
        {'metric': 'leads', 'mart': 'rpt_lead_sources', 'of': 'leads', 'kind': 'amount', 'better': 'up', 'compared': true, 'by': 'channel', 'member': 'channel'},
    ]) }}
{%- endmacro %}

{# What each role sees in the monthly report, at most six figures, the most important first. #}
{% macro headlines_of_roles() -%}
    {{ return({
        'management': ['revenue', 'gross_profit', 'profit', 'closing_active', 'churn_rate', 'csat'],
        'sales': ['revenue', 'won_amount', 'won', 'win_rate', 'weighted_amount', 'average_order_value'],
        'marketing': ['leads', 'lead_conversion_rate', 'campaign_cost', 'new_customers'],
        'service': ['csat', 'response_rate', 'service_cost', 'churn_rate'],
        'finance': ['profit', 'gross_margin', 'campaign_cost', 'service_cost', 'other_cost', 'collection_rate'],
    }) }}
{%- endmacro %}

{# How many periods of a grain a moving average is over, and where the first of them starts. #}
{% macro moving_periods(grain) -%}
    case {{ grain }} when 'day' then 7 when 'week' then 4 when 'month' then 3 when 'quarter' then 4 when 'year' then 3 end
{%- endmacro %}

{% macro moving_start(grain, start) -%}
    case {{ grain }}
        when 'day' then {{ plus_days(start, -6) }}
        when 'week' then {{ plus_days(start, -21) }}
        when 'month' then {{ plus_months(start, -2) }}
        when 'quarter' then {{ plus_months(start, -9) }}
        when 'year' then {{ plus_months(start, -24) }}
    end
{%- endmacro %}
