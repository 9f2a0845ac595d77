{# Whether a reason of loss says that nobody was chosen instead: such losses are left out of the narrow win rate. #}
{% macro is_no_contest(reason) -%}
    {%- set reasons = var('no_contest_reasons') -%}
    {%- if reasons -%}
        lower(trim(coalesce({{ reason }}, ''))) in (
            {%- for text in reasons %}{{ text_or_null(text | trim | lower) | trim }}{% if not loop.last %}, {% endif %}{% endfor -%}
        )
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
