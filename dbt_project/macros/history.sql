{# CTEs: `spans`, one row per member and span without change, from `versions` (member, valid_from, position = 1 where
   several versions share an instant). What was known first is taken to have been so before. #}
{% macro history(versions, member, attributes) -%}
ordered as (
    select
        *,
        lag({{ surrogate_key(attributes) }}) over (partition by {{ member }} order by valid_from asc nulls last)
            as previous_state,
        {{ surrogate_key(attributes) }} as state
    from {{ versions }}
    where position = 1
),

spans as (
    select
        {{ member }},
        {{ attributes | join(', ') }},
        case
            when previous_state is null then timestamp '1900-01-01 00:00:00'
            else valid_from
        end as valid_from,
        coalesce(
            lead(valid_from) over (partition by {{ member }} order by valid_from asc nulls last),
            timestamp '9999-12-31 00:00:00'
        ) as valid_to,
        lead(valid_from) over (partition by {{ member }} order by valid_from asc nulls last) is null as is_current
    from ordered
    where previous_state is null or previous_state <> state
)
{%- endmacro %}
