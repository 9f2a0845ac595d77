{{ config(materialized='view') }}
-- One row per person, kind of segment, segment that the person was ever in, and use that tables make of it: what each
-- of them counts together is what has to be enough. Of classes there is none: they say what somebody bought, and not
-- who it is.
with

final as (
    {%- for use in ['known', 'classed', 'bought', 'ordered'] %}
    select
        customer_number,
        segment_kind,
        segment,
        '{{ use }}' as used_in
    from {{ ref('int_segment_' ~ use) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
