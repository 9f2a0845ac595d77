{# The generic system's files have the contract's own column names: nothing to rename. #}
{% macro generic_staging(entity) -%}
{{ config(meta={'is_row_by_row': true}) }}
{%- set contract = var('contract')[entity] -%}
select
    {%- for column in contract['columns'] %}
    "{{ column }}",
    {%- endfor %}
    source_updated_at,
    is_deleted,
    is_test,
    {% for column in contract['key'] %}{% if not loop.first %} || '|' || {% endif %}"{{ column }}"{% endfor %} as row_key,
    {{ landed_columns() }}
from {{ source('generic', entity) }}
{%- endmacro %}
