-- One row per person, kind of segment, segment that the person was ever in, and use that tables make of it: what each
-- of them counts together is what has to be enough. Of classes there is none: they say what somebody bought, and not
-- who it is.
{%- set kinds = attribute_kinds() | map('first') | list + ['age_band'] %}
with

customers as (
    select * from {{ ref('int_customer') }}
),

persons as (
    select distinct customer_number from customers where is_person
),

first_orders as (
    select
        customer_number,
        min(ordered_on) as first_on
    from {{ ref('fct_orders') }}
    where exclusion is null
    group by customer_number
),

-- each combination once per customer, before it is taken apart
ordered as (
    select distinct
        customer_number,
        {{ kinds | join(', ') }}
    from {{ ref('int_order_segment') }}
),

classed as (
    select distinct
        customer_number,
        {{ kinds | join(', ') }}
    from {{ ref('int_customer_classes') }}
),

all_uses as (
    -- dim_customer has a row of every state
    {%- for kind, column in attribute_kinds() %}
    select
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ column }} as segment,
        'known' as used_in
    from {{ ref('int_customer_attributes') }}
    union all
    {%- endfor %}
    {%- for kind, column in [('employee_band', 'employee_band'), ('acquisition_channel', 'acquisition_channel'),
        ('campaign', 'campaign_id'), ('status', 'status')] %}
    select
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ known(column) }} as segment,
        'known' as used_in
    from customers
    union all
    {%- endfor %}
    -- fct_customer_classes has a row of every assignment
    {%- for kind in kinds %}
    select
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ kind }} as segment,
        'classed' as used_in
    from classed
    where {{ kind }} is not null
    union all
    {%- endfor %}
    -- rpt_customer_segments counts who has bought, where they are at the ends of days
    select
        spans.customer_number,
        spans.segment_kind,
        spans.segment,
        'bought' as used_in
    from {{ ref('int_customer_segment_spans') }} as spans
    inner join first_orders on spans.customer_number = first_orders.customer_number
    where
        spans.first_day < {{ as_of_date() }}
        and spans.end_day > first_orders.first_on
        and spans.segment_kind in ('{{ kinds | join("', '") }}')
    union all
    -- rpt_sales_by_segment counts who ordered, where they were then
    {%- for kind in kinds %}
    select
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ kind }} as segment,
        'ordered' as used_in
    from ordered
    where {{ kind }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select distinct
        all_uses.customer_number,
        all_uses.segment_kind,
        all_uses.segment,
        all_uses.used_in
    from all_uses
    inner join persons on all_uses.customer_number = persons.customer_number
)

select * from final
