{# Seconds as minutes: of this period, half of the durations are not longer, and nine tenths are not. #}
{% macro median_and_p90(name, seconds) -%}
    percentile_cont(0.5) within group (order by cast({{ seconds }} as double) / 60 asc nulls last)
        filter (where p.comparison = 'current' and {{ seconds }} is not null) as median_{{ name }},
    percentile_cont(0.9) within group (order by cast({{ seconds }} as double) / 60 asc nulls last)
        filter (where p.comparison = 'current' and {{ seconds }} is not null) as p90_{{ name }}
{%- endmacro %}

{# Whether so many times 24 hours after an instant had passed at as_of. #}
{% macro has_passed(instant, days) -%}
    {{ minus_minutes(instant, '-1440 * ' ~ days) }} <= {{ as_of() }}
{%- endmacro %}

{# Whether something happened within so many times 24 hours after an instant. #}
{% macro happened_within(event, instant, days) -%}
    coalesce({{ event }} <= {{ minus_minutes(instant, '-1440 * ' ~ days) }}, false)
{%- endmacro %}

{# Day `number` (from 1) of `days` takes its whole cents of an amount; the first days take what does not divide. #}
{% macro cents_of_day(cents, days, number) -%}
    cast(
        ({{ cents }} - mod({{ cents }}, {{ days }})) / {{ days }}
        + case when {{ number }} <= abs(mod({{ cents }}, {{ days }})) then sign({{ cents }}) else 0 end as bigint
    )
{%- endmacro %}

{# Whole cents as an amount, exactly. #}
{% macro amount_of_cents(cents) -%}
    cast(cast({{ cents }} as decimal(36, 0)) * cast(0.01 as decimal(2, 2)) as decimal(38, 2))
{%- endmacro %}
