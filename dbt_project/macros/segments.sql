{# Kinds of segments, with the column that holds the segment. Classes are assigned at month ends from what was bought;
   attributes are what is known of the customer at any time. #}
{% macro class_kinds() -%}
    {{ return([('value_tier', 'value_tier'), ('rfm', 'rfm_segment'), ('abc', 'abc_class')]) }}
{%- endmacro %}

{% macro attribute_kinds() -%}
    {{ return([('gender', 'gender'), ('region', 'region'), ('industry', 'industry'), ('tag', 'tag')]) }}
{%- endmacro %}

{# Age bands: name, first age, first age of the next band (none after the last). #}
{% macro age_bands() -%}
    {{ return([('under 25', 0, 25), ('25-34', 25, 35), ('35-44', 35, 45), ('45-54', 45, 55), ('55-64', 55, 65),
        ('65 and over', 65, none)]) }}
{%- endmacro %}

{# The first day on which somebody has an age. Who was born on 29 February comes of it on the 28th in other years. #}
{% macro birthday(birth_date, age) -%}
    {{ plus_months(birth_date, 12 * age) }}
{%- endmacro %}

{% macro age_band(birth_date, day) -%}
    case
        when {{ birth_date }} is null or {{ day }} < {{ birth_date }} then '(unknown)'
        {%- for name, _, next_age in age_bands() if next_age is not none %}
        when {{ day }} < {{ birthday(birth_date, next_age) }} then '{{ name }}'
        {%- endfor %}
        else '{{ age_bands()[-1][0] }}'
    end
{%- endmacro %}

{# Country and province as one name; what is not known of it says so. #}
{% macro region(country, province) -%}
    case
        when {{ country }} = '(unknown)' and {{ province }} = '(unknown)' then '(unknown)'
        else {{ country }} || ' / ' || {{ province }}
    end
{%- endmacro %}

{# All tags as one name: each once, in order, however the source wrote them; (none) without any. #}
{% macro tag_combination(tags) -%}
    {{ return(adapter.dispatch('tag_combination')(tags)) }}
{%- endmacro %}

{% macro default__tag_combination(tags) -%}
    coalesce(
        nullif(
            array_to_string(
                list_sort(list_distinct(string_split(trim(regexp_replace({{ tags }}, '[ |]*[|][ |]*', '|', 'g'), '| '), '|'))),
                '|'
            ),
            ''
        ),
        '(none)'
    )
{%- endmacro %}

{% macro spark__tag_combination(tags) -%}
    coalesce(
        nullif(
            array_join(
                array_sort(array_distinct(split(trim(both '| ' from regexp_replace({{ tags }}, '[ |]*[|][ |]*', '|')), '[|]'))),
                '|'
            ),
            ''
        ),
        '(none)'
    )
{%- endmacro %}

{# A score from 1 to 5: how large a part of the others has a strictly worse value. Equal values have equal scores. #}
{% macro score(worse, customers) -%}
    1 + cast(floor(5 * cast({{ worse }} as double) / cast({{ customers }} as double)) as bigint)
{%- endmacro %}

{% macro rfm_segment(r, f, m) -%}
    case
        when {{ r }} is null then 'none'
        when {{ r }} >= 4 and {{ f }} >= 4 and {{ m }} >= 4 then 'champions'
        when {{ r }} >= 3 and {{ f }} >= 4 then 'loyal'
        when {{ r }} >= 3 and {{ m }} >= 4 then 'big_spenders'
        when {{ r }} >= 4 then 'promising'
        when {{ r }} = 3 then 'needs_attention'
        when {{ f }} >= 4 or {{ m }} >= 4 then 'at_risk'
        else 'hibernating'
    end
{%- endmacro %}

{# A share of an amount or a number, exact. #}
{% macro share_of(share, whole) -%}
    cast({{ share }} as decimal(9, 6)) * cast({{ whole }} as decimal(28, 2))
{%- endmacro %}
