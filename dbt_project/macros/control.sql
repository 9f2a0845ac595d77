{# For control totals: the newest rows of each key of a generic table, and their copies. Keys that are no longer in the
   newest snapshot are kept as `is_gone`: what still refers to them has to know. #}
{% macro newest_landed(entity, key) -%}
    {%- set columns = [] -%}
    {%- for column in key %}{% do columns.append('landed."' ~ column ~ '"') %}{% endfor -%}
    select * from (
        select
            landed.*,
            not landed._is_live as is_gone,
            dense_rank() over (
                partition by landed._source, {{ columns | join(', ') }}
                order by
                    landed._is_live desc nulls last,
                    {{ instant_of('landed.source_updated_at', 'zone') }} desc nulls last,
                    landed._batch_number desc nulls last
            ) as age
        from {{ source('generic', entity) }} as landed
        {{ zone_of('landed.source_updated_at', 'zone', 'landed') }}
    ) as landed
    where landed.age = 1 or (landed._is_live and ({{ columns | join(' is null or ') }} is null))
{%- endmacro %}

{% macro says_yes(text) -%}
    lower(trim(coalesce({{ text }}, ''))) in ('true', 't', 'yes', 'y', '1')
{%- endmacro %}

{% macro says_no(text) -%}
    lower(trim(coalesce({{ text }}, ''))) in ('false', 'f', 'no', 'n', '0')
{%- endmacro %}

{# The same for a table of any system: its live rows of the newest version of each key, and their copies. #}
{% macro newest_live(relation, key, updated_at) -%}
    {%- set columns = [] -%}
    {%- for column in key %}{% do columns.append('landed.' ~ column) %}{% endfor -%}
    select * from (
        select
            landed.*,
            dense_rank() over (
                partition by landed._source, {{ columns | join(', ') }}
                order by
                    {{ instant_of('landed.' ~ updated_at, 'zone') }} desc nulls last,
                    landed._batch_number desc nulls last
            ) as age
        from {{ relation }} as landed
        {{ zone_of('landed.' ~ updated_at, 'zone', 'landed') }}
        where landed._is_live
    ) as landed
    where landed.age = 1 or {{ columns | join(' is null or ') }} is null
{%- endmacro %}

{# For control totals: which row of the source it is, and the currency where the row names none. #}
{% macro landed_row(relation) -%}
    {%- for column in ['_source', '_table', '_batch_id', '_row_number', '_currency'] -%}
        {{ relation ~ '.' ~ column }}{% if not loop.last %}, {% endif %}
    {%- endfor -%}
{%- endmacro %}
