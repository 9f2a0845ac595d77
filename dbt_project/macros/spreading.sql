{# What falls on part `number` (from 1) of `parts` equal parts of a whole number of units: as much as the running total,
   rounded down, grows by. The last part takes what is left, so that the parts always add up to the whole, exactly. #}
{% macro part_of(units, number, parts) -%}
    {{ parts_until(units, number, parts) }} - {{ parts_until(units, number ~ ' - 1', parts) }}
{%- endmacro %}

{# What the first `number` of `parts` equal parts of a whole number of units come to, rounded down to whole units. #}
{% macro parts_until(units, number, parts) -%}
    case
        when {{ number }} >= {{ parts }} then {{ units }}
        else cast(floor(cast({{ units }} as double) * ({{ number }}) / cast({{ parts }} as double)) as bigint)
    end
{%- endmacro %}

{# An amount in whole cents, and back. #}
{% macro cents_of(amount) -%}
    cast({{ amount }} * 100 as bigint)
{%- endmacro %}

{% macro amount_of(cents) -%}
    cast(cast({{ cents }} as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(38, 2))
{%- endmacro %}

{# Hours in whole ten-thousandths, as they are delivered, and back. #}
{% macro ticks_of(hours) -%}
    cast({{ hours }} * 10000 as bigint)
{%- endmacro %}

{% macro hours_of(ticks) -%}
    cast(cast({{ ticks }} as decimal(18, 0)) * cast(0.0001 as decimal(5, 4)) as decimal(38, 4))
{%- endmacro %}
