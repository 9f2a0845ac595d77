-- One row per person, kind of segment and segment that the person was ever in, as dim_customer has them: it has a row
-- of every state.
with

persons as (
    select customer_number from {{ ref('int_customer') }} where is_person
),

all_segments as (
    {%- for kind, column in attribute_kinds() %}
    select distinct
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ column }} as segment
    from {{ ref('int_customer_attributes') }}
    union all
    {%- endfor %}
    {%- for kind, column in [('employee_band', 'employee_band'), ('acquisition_channel', 'acquisition_channel'),
        ('campaign', 'campaign_id'), ('status', 'status')] %}
    select distinct
        customer_number,
        '{{ kind }}' as segment_kind,
        {{ known(column) }} as segment
    from {{ ref('int_customer') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select *
    from all_segments
    where customer_number in (select persons.customer_number from persons)
)

select * from final
