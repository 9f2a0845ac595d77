{# Columns that hold plans, terms and facts about persons, and so do not say when a source last heard of something. #}
{% macro columns_that_are_no_events() -%}
    {{ return([
        'ends_on', 'due_on', 'promised_at', 'expected_close_on', 'valid_from', 'valid_to', 'birth_date', 'hired_on',
        'left_on', 'starts_on', 'period_start', 'date',
    ]) }}
{%- endmacro %}

{# The latest local day, up to as_of, on which something in the rows of an entity happened; NULL where it has no events. #}
{% macro last_event_day(entity) -%}
    {%- set days = ['cast(null as date)'] -%}
    {%- for column, kind in var('contract')[entity]['columns'].items() if column not in columns_that_are_no_events() -%}
        {%- if kind == 'timestamp' -%}
            {%- do days.append(local_date('max("' ~ column ~ '") filter (where "' ~ column ~ '" < ' ~ as_of() ~ ')')) -%}
        {%- elif kind == 'date' -%}
            {%- do days.append('max("' ~ column ~ '") filter (where "' ~ column ~ '" < ' ~ observed_until() ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do days.append(local_date('max(source_updated_at) filter (where source_updated_at < ' ~ as_of() ~ ')')) -%}
    greatest({{ days | join(', ') }})
{%- endmacro %}
