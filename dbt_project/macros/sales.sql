{# Why an order does not count as a sale, by name; NULL where it counts. Every exclusion is a bucket of the reconciliation. #}
{% macro exclusion(is_test, status) -%}
    case
        when {{ is_test }} then 'test'
        when {{ status }} in ('draft', 'cancelled', 'unavailable') then {{ status }}
    end
{%- endmacro %}
