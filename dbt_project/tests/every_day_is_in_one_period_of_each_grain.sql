-- A day that were in no month, or in two, would be in no total, or in two.
{{ config(meta={'dagster': {'ref': {'name': 'dim_period_day'}}}) }}

select
    dim_date.date_day,
    count(days.period_start) as periods,
    count(distinct days.period_grain) as grains
from {{ ref('dim_date') }} as dim_date
left join {{ ref('dim_period_day') }} as days
    on dim_date.date_day = days.date_day and days.comparison = 'current'
group by dim_date.date_day
having count(days.period_start) <> 5 or count(distinct days.period_grain) <> 5
