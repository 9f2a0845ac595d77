{# Guarded casts: text to a type, NULL where the text is not a value of that type. Never an error, never a guess. #}

{% macro sql_type(kind) -%}
    {{ {'text': 'string', 'integer': 'bigint', 'money': 'decimal(18, 2)', 'quantity': 'decimal(18, 4)',
        'rate': 'decimal(18, 8)', 'fraction': 'double', 'date': 'date', 'timestamp': 'timestamp',
        'boolean': 'boolean'}[kind] }}
{%- endmacro %}

{% macro guarded(kind, text, decimal_mark="'.'") -%}
    {%- if kind == 'text' -%}
        {{ text }}
    {%- elif kind == 'boolean' -%}
        case
            when lower(trim({{ text }})) in ('true', 't', 'yes', 'y', '1') then true
            when lower(trim({{ text }})) in ('false', 'f', 'no', 'n', '0') then false
        end
    {%- elif kind == 'integer' -%}
        case when {{ matches('trim(' ~ text ~ ')', '^[+-]?[0-9]{1,18}$') }} then cast(trim({{ text }}) as bigint) end
    {%- elif kind in ('money', 'quantity', 'rate') -%}
        {{ guarded_decimal(text, {'money': 2, 'quantity': 4, 'rate': 8}[kind], decimal_mark) }}
    {%- elif kind == 'fraction' -%}
        {%- set number = "replace(trim(" ~ text ~ "), " ~ decimal_mark ~ ", '.')" -%}
        case when {{ matches(number, '^[+-]?[0-9]{1,9}([.][0-9]{1,15})?$') }} then cast({{ number }} as double) end
    {%- elif kind == 'date' -%}
        case when {{ matches('trim(' ~ text ~ ')', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }} then try_cast(trim({{ text }}) as date) end
    {%- else -%}
        {{ exceptions.raise_compiler_error('no guarded cast to ' ~ kind) }}
    {%- endif -%}
{%- endmacro %}

{# Digits beyond the scale must be zeros: an amount that cannot be kept exactly is not accepted. #}
{% macro guarded_decimal(text, scale, decimal_mark) -%}
    {%- set number = "replace(trim(" ~ text ~ "), " ~ decimal_mark ~ ", '.')" -%}
    {%- set shape = '^[+-]?[0-9]{1,' ~ (18 - scale) ~ '}([.][0-9]{0,' ~ scale ~ '}0*)?$' -%}
    case
        when
            {{ matches(number, shape) }}
            and ({{ decimal_mark }} = '.' or position('.' in {{ text }}) = 0)
            then cast({{ number }} as decimal(18, {{ scale }}))
    end
{%- endmacro %}

{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    {{ text }} rlike '{{ pattern }}'
{%- endmacro %}
