{# A document is booked in cents: the exact sum of its rows is rounded once, half away from zero. #}
{% macro cents(amount) -%}
    cast({{ amount }} as decimal(38, 2))
{%- endmacro %}

{# A product of two decimals, exactly. Of two with up to 18 digits DuckDB makes one of 18 digits again, in which not even
   100 million at a rate of 1 have room. #}
{% macro product(left, right, scale=4) -%}
    cast({{ left }} as decimal(19, {{ scale }})) * {{ right }}
{%- endmacro %}

{# An amount of money at an exchange rate, in cents. #}
{% macro converted(amount, rate) -%}
    {{ cents(product(amount, rate, 2)) }}
{%- endmacro %}

{# The cents of one row of a document: the rounded sum of its rows up to and with this one, less the rounded sum of
   those before it. So they add up to the rounded document, in whatever order the rows come. A row without an amount has none,
   and the others do without it. No difference of exact sums is taken: Spark would round their last digit. #}
{% macro cents_of_row(amount, document, row) -%}
    case
        when {{ amount }} is not null
            then
                {{ cents(running_sum(amount, document, row, 'current row')) }}
                - coalesce({{ cents(running_sum(amount, document, row, '1 preceding')) }}, 0)
    end
{%- endmacro %}

{% macro running_sum(amount, document, row, last) -%}
    sum({{ amount }}) over (
        partition by {{ document | join(', ') }}
        order by {{ row }} asc nulls last
        rows between unbounded preceding and {{ last }}
    )
{%- endmacro %}

{# Millionths of a currency unit, as text, to an amount of money as text, rounded once. What is not a whole number is
   marked, so that it arrives as garbled as it came and is not taken for whole units. #}
{% macro from_micros(text) -%}
    case
        when {{ matches('trim(' ~ text ~ ')', '^[+-]?[0-9]{1,18}$') }}
            then cast({{ cents('cast(trim(' ~ text ~ ') as decimal(18, 0)) * cast(0.000001 as decimal(6, 6))') }} as string)
        else {{ text }} || ' micros'
    end
{%- endmacro %}
