{# Spans of a member that end before they begin, or after the next one has begun. The end is the first instant after. #}
{% test no_overlap(model, member, valid_from, valid_to) %}
with

spans as (
    select
        {{ member }} as member,
        {{ valid_from }} as valid_from,
        {{ valid_to }} as valid_to,
        lead({{ valid_from }}) over (
            partition by {{ member }}
            order by {{ valid_from }} asc nulls last, {{ valid_to }} asc nulls last
        ) as next_from
    from {{ model }}
)

select * from spans
where valid_from is null or valid_to is null or valid_from >= valid_to or valid_to > next_from
{% endtest %}
