{# What the project's macros dispatch by adapter, for PostgreSQL. #}

{% macro postgres__matches(text, pattern) -%}
    {{ text }} ~ '{{ pattern }}'
{%- endmacro %}

{% macro postgres__minus_minutes(instant, minutes) -%}
    {{ instant }} - make_interval(mins => cast({{ minutes }} as integer))
{%- endmacro %}

{% macro postgres__days_between(first, last) -%}
    (cast({{ last }} as date) - cast({{ first }} as date))
{%- endmacro %}

{% macro postgres__seconds_between(first, last) -%}
    cast(trunc(extract(epoch from {{ last }}) - extract(epoch from {{ first }})) as bigint)
{%- endmacro %}

{% macro postgres__plus_seconds(instant, seconds) -%}
    {{ instant }} + make_interval(secs => cast({{ seconds }} as double precision))
{%- endmacro %}

{% macro postgres__date_spine(first, last, relation) -%}
    select cast(generate_series(cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval '1 day') as date) as date_day
    from {{ relation }}
{%- endmacro %}

{% macro postgres__json_object(columns, values) -%}
    cast(json_strip_nulls(json_object(array[
        {%- for column in columns %}'{{ column }}', cast({{ values.get(column, '"' ~ column ~ '"') }} as text){% if not loop.last %}, {% endif %}{% endfor -%}
    ])) as text)
{%- endmacro %}

{% macro postgres__tag_combination(tags) -%}
    coalesce(
        (
            select nullif(string_agg(tag, '|' order by tag asc nulls last), '')
            from (
                select distinct
                    unnest(string_to_array(trim(regexp_replace({{ tags }}, '[ |]*[|][ |]*', '|', 'g'), '| '), '|')) as tag
            ) as tags
        ),
        '(none)'
    )
{%- endmacro %}
