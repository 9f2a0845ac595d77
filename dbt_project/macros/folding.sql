{# Groups of persons that are too small to be shown: privacy.min_group. #}

{# CTEs `members`, `cut` and `folded` from `uses`, which has a row per customer, kind of segment, segment and use that
   something published makes of it (persons only). A segment is small where one of its uses has some persons but fewer
   than `min_group`; the small ones are folded into `(other)`, and after them the next smallest until every use of
   `(other)` has enough persons or none. Where all together are too few, all are folded. #}
{% macro folding(uses, min_group) -%}
sizes as (
    select
        segment_kind,
        segment,
        used_in,
        count(distinct customer_number) as persons
    from {{ uses }}
    group by segment_kind, segment, used_in
),

members as (
    select
        segment_kind,
        segment,
        min(persons) < {{ min_group }} as is_small,
        row_number() over (
            partition by segment_kind
            order by
                case when min(persons) < {{ min_group }} then 0 else 1 end asc nulls last,
                min(persons) asc nulls last, segment asc nulls last
        ) as position
    from sizes
    group by segment_kind, segment
),

-- a person who was in several segments is one person of `(other)`, from the first of them on
arrivals as (
    select
        {{ uses }}.segment_kind,
        {{ uses }}.used_in,
        {{ uses }}.customer_number,
        min(members.position) as position
    from {{ uses }}
    inner join members
        on {{ uses }}.segment_kind = members.segment_kind and {{ uses }}.segment = members.segment
    group by {{ uses }}.segment_kind, {{ uses }}.used_in, {{ uses }}.customer_number
),

arrived as (
    select
        segment_kind,
        used_in,
        position,
        count(*) as persons
    from arrivals
    group by segment_kind, used_in, position
),

kinds_and_uses as (
    select distinct
        segment_kind,
        used_in
    from {{ uses }}
),

-- how many persons `(other)` would have in each use if it went up to this position
together as (
    select
        members.segment_kind,
        members.position,
        sum(coalesce(arrived.persons, 0)) over (
            partition by members.segment_kind, kinds_and_uses.used_in
            order by members.position asc nulls last
            rows between unbounded preceding and current row
        ) as persons
    from members
    inner join kinds_and_uses on members.segment_kind = kinds_and_uses.segment_kind
    left join arrived
        on members.segment_kind = arrived.segment_kind
        and members.position = arrived.position
        and kinds_and_uses.used_in = arrived.used_in
),

enough as (
    select
        segment_kind,
        position
    from together
    group by segment_kind, position
    having min(case when persons = 0 or persons >= {{ min_group }} then 1 else 0 end) = 1
),

smallest as (
    select
        segment_kind,
        count(*) filter (where is_small) as small,
        max(position) as last_position
    from members
    group by segment_kind
),

cut as (
    select
        smallest.segment_kind,
        coalesce(min(enough.position), max(smallest.last_position)) as position
    from smallest
    left join enough
        on smallest.segment_kind = enough.segment_kind and enough.position >= smallest.small
    where smallest.small > 0
    group by smallest.segment_kind
),

folded as (
    select distinct
        {{ uses }}.customer_number,
        {{ uses }}.segment_kind,
        {{ uses }}.segment
    from {{ uses }}
    inner join members
        on {{ uses }}.segment_kind = members.segment_kind and {{ uses }}.segment = members.segment
    inner join cut on members.segment_kind = cut.segment_kind and members.position <= cut.position
)
{%- endmacro %}

{# One CTE per kind of segment: who has which folded segment of it. #}
{% macro folded_kinds(kinds) -%}
    {%- for kind in kinds -%}
folded_{{ kind }} as (
    select
        customer_number,
        segment
    from {{ ref('int_folded_segment') }}
    where segment_kind = '{{ kind }}'
){% if not loop.last %},

{% endif %}
    {%- endfor -%}
{%- endmacro %}

{# Left joins of those CTEs to a relation with customer_number; `segments` says what a row's segment of each kind is. #}
{% macro join_folded(relation, segments) -%}
    {%- for kind, segment in segments.items() -%}
    left join folded_{{ kind }}
        on {{ relation }}.customer_number = folded_{{ kind }}.customer_number
        and {{ segment }} = folded_{{ kind }}.segment
    {% endfor -%}
{%- endmacro %}

{# A value, or `(other)` where the row's segment of the kind is folded. #}
{% macro shown(kind, value) -%}
    case when folded_{{ kind }}.customer_number is null then {{ value }} else '(other)' end
{%- endmacro %}

{% macro known(value) -%}
    coalesce({{ value }}, '(unknown)')
{%- endmacro %}
