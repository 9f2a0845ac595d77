-- A period begins with the customers that the one before ended with.
select
    periods.period_grain,
    periods.period_start,
    periods.closing_active,
    following.opening_active as next_opening_active
from {{ ref('rpt_customer_base') }} as periods
inner join {{ ref('rpt_customer_base') }} as following
    on periods.period_grain = following.period_grain and periods.period_end = following.period_start
where periods.is_complete and periods.closing_active <> following.opening_active
