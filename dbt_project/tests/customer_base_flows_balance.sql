-- Who was active, joined and left gives who is active.
select
    period_grain,
    period_start,
    opening_active,
    new,
    reactivated,
    lapsed,
    closing_active
from {{ ref('rpt_customer_base') }}
where opening_active + new + reactivated - lapsed <> closing_active
