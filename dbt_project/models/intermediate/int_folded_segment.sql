-- One row per person, kind of segment and segment that the person was ever in and that too few persons share.
with

uses as (
    select * from {{ ref('int_segment_use') }}
),

{{ folding('uses', var('min_group')) }},

final as (
    select
        customer_number,
        segment_kind,
        segment
    from folded
)

select * from final
