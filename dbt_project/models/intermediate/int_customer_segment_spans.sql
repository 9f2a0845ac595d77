-- One row per customer who has bought, kind of segment and span of days whose ends find the customer in the segment.
-- The spans of a customer and kind cover all days, also those before the first order.
with

customers as (
    select distinct customer_number
    from {{ ref('fct_orders') }}
    where exclusion is null
),

-- a class assigned at a month end holds until the next: what is shown of a past day then stays as it is
classes as (
    select * from {{ ref('int_customer_classes') }} where is_month_end
),

class_starts as (
    {%- for kind, column in class_kinds() %}
    select
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ column }} as segment,
        assigned_on as first_day
    from classes
    union all
    select
        customer_number,
        '{{ kind }}' as segment_kind,
        '(new)' as segment,
        date '1900-01-01' as first_day
    from customers
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

class_spans as (
    select
        customer_number,
        segment_kind,
        segment,
        first_day,
        coalesce(
            lead(first_day) over (partition by customer_number, segment_kind order by first_day asc nulls last),
            date '9999-12-31'
        ) as end_day
    from class_starts
),

attributes as (
    select attributes.*
    from {{ ref('int_customer_attributes') }} as attributes
    inner join customers on attributes.customer_number = customers.customer_number
),

births as (
    select distinct
        customer_number,
        birth_date
    from attributes
),

attribute_spans as (
    {%- for kind, column in attribute_kinds() %}
    select
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ column }} as segment,
        valid_from_on as first_day,
        valid_to_on as end_day
    from attributes
    union all
    {%- endfor %}
    {%- for band, age, next_age in age_bands() %}
    select
        customer_number,
        'age_band' as segment_kind,
        '{{ band }}' as segment,
        {{ birthday('birth_date', age) }} as first_day,
        {{ birthday('birth_date', next_age) if next_age is not none else "date '9999-12-31'" }} as end_day
    from births
    where birth_date is not null
    union all
    {%- endfor %}
    select
        customer_number,
        'age_band' as segment_kind,
        '(unknown)' as segment,
        date '1900-01-01' as first_day,
        coalesce(birth_date, date '9999-12-31') as end_day
    from births
),

spans as (
    select * from class_spans
    union all
    select * from attribute_spans
),

final as (
    select
        customer_number,
        segment_kind,
        segment,
        first_day,
        end_day
    from spans
    where first_day < end_day
)

select * from final
