{# When the state that a landed row tells of began: when the source says, else when the row was landed. A source that
   changes a row and leaves its date does not say; but it may well correct a state that is over. #}
{% macro began_at(member) -%}
case
    when source_updated_at = max(source_updated_at) over (
        partition by {{ member }} order by _batch_number asc nulls last
        range between unbounded preceding and 1 preceding
    ) then greatest(source_updated_at, _landed_at)
    else coalesce(source_updated_at, _landed_at)
end
{%- endmacro %}

{# CTEs: `spans`, one row per member and span without change, from `landed`, its rows of all batches; of several that
   began at one instant the newest counts. What was known first is taken to have been so before. #}
{% macro history(landed, member, attributes) -%}
versions as (
    select
        *,
        {{ began_at(member) }} as valid_from
    from {{ landed }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by {{ member }}, valid_from
            order by _batch_number desc nulls last, row_key asc nulls last, _row_number asc nulls last
        ) as position,
        {{ surrogate_key(attributes) }} as state
    from versions
),

ordered as (
    select
        *,
        lag(state) over (partition by {{ member }} order by valid_from asc nulls last) as previous_state
    from ranked
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
