with

pieces as (
    select * from {{ ref('int_business_pieces') }}
),

bounds as (
    select
        {{ plus_days('min(date_day)', -2) }} as first_day,
        {{ plus_days('max(date_day)', 2) }} as last_day
    from {{ ref('dim_date') }}
),

days as (
    {{ date_spine('first_day', 'last_day', 'bounds') }}
),

schedules as (
    select distinct
        source,
        schedule_id
    from {{ ref('int_business_schedule') }}
    where not is_test
),

opened as (
    select
        source,
        schedule_id,
        utc_day,
        sum(open_seconds) as open_seconds
    from pieces
    group by source, schedule_id, utc_day
),

daily as (
    select
        schedules.source,
        schedules.schedule_id,
        days.date_day as utc_day,
        coalesce(opened.open_seconds, 0) as open_seconds
    from schedules
    cross join days
    left join opened
        on schedules.source = opened.source
        and schedules.schedule_id = opened.schedule_id
        and days.date_day = opened.utc_day
),

final as (
    select
        daily.source,
        daily.schedule_id,
        daily.utc_day,
        cast(daily.open_seconds as bigint) as open_seconds,
        cast(
            sum(daily.open_seconds) over (
                partition by daily.source, daily.schedule_id
                order by daily.utc_day asc nulls last
                rows between unbounded preceding and current row
            ) - daily.open_seconds as bigint
        ) as open_seconds_before
    from daily
)

select * from final
