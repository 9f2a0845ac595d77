-- One row per reporting period: every day, week, month, quarter and year that has a day in dim_date.
with

starts as (
    select distinct 'day' as period_grain, date_day as period_start from {{ ref('dim_date') }}
    union all
    select distinct 'week' as period_grain, week_start as period_start from {{ ref('dim_date') }}
    union all
    select distinct 'month' as period_grain, month_start as period_start from {{ ref('dim_date') }}
    union all
    select distinct 'quarter' as period_grain, quarter_start as period_start from {{ ref('dim_date') }}
    union all
    select distinct 'year' as period_grain, year_start as period_start from {{ ref('dim_date') }}
),

bounded as (
    select
        period_grain,
        period_start,
        {{ period_shift('period_grain', 'period_start', 1) }} as period_end,
        {{ period_shift('period_grain', 'period_start', -1) }} as previous_start,
        case
            when period_grain = 'week' then {{ plus_days('period_start', -364) }}
            else {{ plus_months('period_start', -12) }}
        end as last_year_start,
        {{ as_of_date() }} as as_of_date,
        -- a day that has begun counts as elapsed
        case
            when cast({{ as_of_date() }} as timestamp) = {{ utc_to_local(as_of()) }} then {{ as_of_date() }}
            else {{ plus_days(as_of_date(), 1) }}
        end as elapsed_until
    from starts
),

-- an incomplete period is compared with the same number of days of the earlier one
compared as (
    select
        *,
        period_start as previous_period_end,
        {{ period_shift('period_grain', 'last_year_start', 1) }} as last_year_period_end,
        period_end <= as_of_date as is_complete,
        greatest({{ days_between('period_start', 'elapsed_until') }}, 0) as elapsed_days
    from bounded
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        case when is_complete then period_end else least(period_end, greatest(elapsed_until, period_start)) end
            as observed_until,
        previous_start,
        case
            when is_complete then previous_period_end
            else least(previous_period_end, {{ plus_days('previous_start', 'elapsed_days') }})
        end as previous_end,
        last_year_start,
        case
            when is_complete then last_year_period_end
            else least(last_year_period_end, {{ plus_days('last_year_start', 'elapsed_days') }})
        end as last_year_end
    from compared
)

select * from final
