{# The first local day of which nothing has been seen at `as_of`: a day that has begun is observed. #}
{% macro observed_until() -%}
    case
        when cast({{ as_of_date() }} as timestamp) = {{ utc_to_local(as_of()) }} then {{ as_of_date() }}
        else {{ plus_days(as_of_date(), 1) }}
    end
{%- endmacro %}
