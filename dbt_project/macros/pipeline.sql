{# The part of an amount that a probability promises, in cents. As decimals: doubles are rounded differently by each engine. #}
{% macro weighted(amount, probability) -%}
    {{ cents('cast(' ~ amount ~ ' as decimal(20, 2)) * cast(' ~ probability ~ ' as decimal(16, 15))') }}
{%- endmacro %}
