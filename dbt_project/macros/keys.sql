{# md5 over text, so that a key is the same on every engine and in every run. #}
{% macro surrogate_key(columns) -%}
    md5({% for column in columns %}{% if not loop.first %} || '||' || {% endif %}coalesce(cast({{ column }} as string), '_null_'){% endfor %})
{%- endmacro %}

{# One JSON object of text values, NULLs left out, keys in the order given; `values` says what stands for a column. #}
{% macro json_object(columns, values={}) -%}
    {{ return(adapter.dispatch('json_object')(columns, values)) }}
{%- endmacro %}

{% macro default__json_object(columns, values) -%}
    cast(json_merge_patch('{}', json_object({% for column in columns %}'{{ column }}', {{ values.get(column, '"' ~ column ~ '"') }}{% if not loop.last %}, {% endif %}{% endfor %})) as string)
{%- endmacro %}

{% macro spark__json_object(columns, values) -%}
    to_json(named_struct({% for column in columns %}'{{ column }}', {{ values.get(column, '`' ~ column ~ '`') }}{% if not loop.last %}, {% endif %}{% endfor %}))
{%- endmacro %}
