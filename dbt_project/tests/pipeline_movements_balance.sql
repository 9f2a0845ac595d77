-- What was due, and what moved, gives what is due.
select
    period_grain,
    period_start,
    pipeline,
    opening_amount,
    created + increased + decreased + pushed_out + pulled_in + won + lost as moved,
    closing_amount
from {{ ref('rpt_pipeline_movement') }}
where opening_amount + created + increased + decreased + pushed_out + pulled_in + won + lost <> closing_amount
