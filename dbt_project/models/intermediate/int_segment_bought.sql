-- One row per person, kind of segment and segment that the person was in at the end of a day, having bought: those that
-- rpt_customer_segments counts.
{%- set kinds = attribute_kinds() | map('first') | list + ['age_band'] %}
with

persons as (
    select customer_number from {{ ref('int_customer') }} where is_person
),

first_orders as (
    select
        customer_number,
        min(ordered_on) as first_on
    from {{ ref('fct_orders') }}
    where exclusion is null
    group by customer_number
),

final as (
    select distinct
        spans.customer_number,
        spans.segment_kind,
        spans.segment
    from {{ ref('int_customer_segment_spans') }} as spans
    inner join first_orders on spans.customer_number = first_orders.customer_number
    where
        spans.customer_number in (select persons.customer_number from persons)
        and spans.first_day < {{ as_of_date() }}
        and spans.end_day > first_orders.first_on
        and spans.segment_kind in ('{{ kinds | join("', '") }}')
)

select * from final
