{# md5 over text, so that a key is the same on every engine and in every run. #}
{% macro surrogate_key(columns) -%}
    md5({% for column in columns %}{% if not loop.first %} || '||' || {% endif %}coalesce(cast({{ column }} as varchar), '_null_'){% endfor %})
{%- endmacro %}

{# One JSON object of text values, NULLs left out, keys in the order given. #}
{% macro json_object(columns) -%}
    {{ return(adapter.dispatch('json_object')(columns)) }}
{%- endmacro %}

{% macro default__json_object(columns) -%}
    cast(json_merge_patch('{}', json_object({% for column in columns %}'{{ column }}', "{{ column }}"{% if not loop.last %}, {% endif %}{% endfor %})) as varchar)
{%- endmacro %}

{% macro spark__json_object(columns) -%}
    to_json(named_struct({% for column in columns %}'{{ column }}', `{{ column }}`{% if not loop.last %}, {% endif %}{% endfor %}))
{%- endmacro %}
