{# Percent to a fraction, as text. What is no number is marked, so that it arrives as garbled as it came. #}
{% macro from_percent(text) -%}
    case
        when {{ matches('trim(' ~ text ~ ')', '^[+-]?[0-9]{1,7}([.][0-9]{0,9})?$') }}
            then cast(cast(trim({{ text }}) as decimal(16, 9)) * cast(0.01 as decimal(2, 2)) as string)
        else {{ text }} || ' percent'
    end
{%- endmacro %}

{# When a row was changed, by a person or by Salesforce itself; what the connector writes about itself stands in where the
   object does not say. #}
{% macro salesforce_updated_at(relation) -%}
    coalesce({{ relation }}.system_modstamp, {{ relation }}.last_modified_date, {{ relation }}._fivetran_synced)
{%- endmacro %}

{# Deleted in Salesforce, or only kept by the connector as a version that is over. #}
{% macro is_gone(relation) -%}
    ({{ says_yes(relation ~ '.is_deleted') }} or {{ says_no(relation ~ '._fivetran_active') }})
{%- endmacro %}

{% macro gone_text(relation) -%}
    case when {{ is_gone(relation) }} then 'true' else {{ relation }}.is_deleted end
{%- endmacro %}
