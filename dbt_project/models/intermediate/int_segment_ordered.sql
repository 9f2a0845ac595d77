-- One row per person, kind of segment and segment that the person was in when ordering: those that rpt_sales_by_segment
-- counts.
{%- set kinds = attribute_kinds() | map('first') | list + ['age_band'] %}
with

persons as (
    select customer_number from {{ ref('int_customer') }} where is_person
),

-- each combination once per person, before it is taken apart
combinations as (
    select distinct
        customer_number,
        {{ kinds | join(', ') }}
    from {{ ref('int_order_segment') }}
    where customer_number in (select persons.customer_number from persons)
),

final as (
    {%- for kind in kinds %}
    select distinct
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ kind }} as segment
    from combinations
    where {{ kind }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
