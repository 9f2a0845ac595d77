{# Country or province of an order; that of its customer where the order says neither. #}
{% macro order_place(column, orders, customers) -%}
case
            when {{ orders }}.country is null and {{ orders }}.province is null
                then coalesce({{ customers }}.{{ column }}, '(unknown)')
            else coalesce({{ orders }}.{{ column }}, '(unknown)')
        end
{%- endmacro %}

{# Why an order does not count as a sale, by name; NULL where it counts. Every exclusion is a bucket of the reconciliation. #}
{% macro exclusion(is_test, status) -%}
    case
        when {{ is_test }} then 'test'
        when {{ status }} in ('draft', 'cancelled', 'unavailable') then {{ status }}
    end
{%- endmacro %}

{# The day an order left: as its source says, or else the day it arrived, or else the day it was placed. #}
{% macro shipped_on(orders) -%}
    coalesce(
        {{ local_date(orders ~ '.shipped_at') }}, {{ local_date(orders ~ '.delivered_at') }}, {{ orders }}.ordered_on
    )
{%- endmacro %}

{# What `part` of a line of `whole` units is worth, in cents of its currency; a line of nothing is worth nothing.
   Engines divide decimals differently, so a double is divided, and cut to eight decimals before it is rounded: half a
   cent that a double cannot hold is half a cent again. #}
{% macro worth_of_part(part, whole, worth) -%}
    cast(
        cast(
            coalesce(cast({{ part }} * {{ worth }} as double) / nullif(cast({{ whole }} as double), 0), 0)
            as decimal(38, 8)
        ) as decimal(18, 2)
    )
{%- endmacro %}
