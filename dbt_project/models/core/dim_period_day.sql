-- One row per period, comparison (current, previous, last_year) and day that counts in it.
-- Joining events by day and grouping by period gives a figure and both of its comparisons at once.
with

windows as (
    select
        period_grain,
        period_start,
        'current' as comparison,
        period_start as first_day,
        period_end as end_day
    from {{ ref('dim_period') }}
    union all
    select
        period_grain,
        period_start,
        'previous' as comparison,
        previous_start as first_day,
        previous_end as end_day
    from {{ ref('dim_period') }}
    union all
    select
        period_grain,
        period_start,
        'last_year' as comparison,
        last_year_start as first_day,
        last_year_end as end_day
    from {{ ref('dim_period') }}
),

final as (
    select
        windows.period_grain,
        windows.period_start,
        windows.comparison,
        dim_date.date_day
    from windows
    inner join {{ ref('dim_date') }} as dim_date
        on dim_date.date_day >= windows.first_day and dim_date.date_day < windows.end_day
)

select * from final
