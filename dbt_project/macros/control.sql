{# For control totals: the live rows of a generic table that no newer version of their key replaces, and their copies. #}
{% macro newest_landed(entity, key) -%}
    select * from (
        select
            landed.*,
            dense_rank() over (
                partition by landed._source, {% for column in key %}landed."{{ column }}"{% if not loop.last %}, {% endif %}{% endfor %}
                order by {{ instant_of('landed.source_updated_at', 'zone') }} desc nulls last, landed._batch_number desc nulls last
            ) as age
        from {{ source('generic', entity) }} as landed
        {{ zone_of('landed.source_updated_at', 'zone', 'landed') }}
        where landed._is_live
    ) as aged
    where age = 1 or {% for column in key %}"{{ column }}" is null{% if not loop.last %} or {% endif %}{% endfor %}
{%- endmacro %}

{% macro says_yes(text) -%}
    lower(trim(coalesce({{ text }}, ''))) in ('true', 't', 'yes', 'y', '1')
{%- endmacro %}
