-- Opening hours as UTC instants: a schedule is open from opens_at (included) to closes_at (excluded).
with

hours as (
    select
        source,
        schedule_id,
        weekday,
        {{ clock_minutes('opens') }} as opens,
        {{ clock_minutes('closes') }} as closes,
        time_zone,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('int_business_schedule') }}
    where not is_test
),

holidays as (
    select
        source,
        schedule_id,
        "date" as holiday,
        {{ clock_minutes('opens') }} as opens,
        {{ clock_minutes('closes') }} as closes
    from {{ ref('int_holiday') }}
    where not is_test
),

-- two days more on either side: a local day lies up to 14 hours from the UTC day, and its instants are looked up nearby
bounds as (
    select
        {{ plus_days('min(date_day)', -2) }} as first_day,
        {{ plus_days('max(date_day)', 2) }} as last_day
    from {{ ref('dim_date') }}
),

days as (
    {{ date_spine('first_day', 'last_day', 'bounds') }}
),

-- the schedule in force on each local day
in_force as (
    select
        hours.source,
        hours.schedule_id,
        days.date_day,
        min(hours.time_zone) as time_zone
    from hours
    inner join days on days.date_day >= hours.valid_from and days.date_day < hours.valid_to
    group by hours.source, hours.schedule_id, days.date_day
),

-- a holiday has its own hours or none
opened as (
    select
        hours.source,
        hours.schedule_id,
        days.date_day,
        hours.time_zone,
        hours.opens,
        hours.closes
    from hours
    inner join days
        on days.date_day >= hours.valid_from
        and days.date_day < hours.valid_to
        and mod({{ days_between("date '1900-01-01'", 'days.date_day') }}, 7) + 1 = hours.weekday
    left join holidays
        on hours.source = holidays.source
        and hours.schedule_id = holidays.schedule_id
        and days.date_day = holidays.holiday
    where holidays.schedule_id is null
    union all
    select
        holidays.source,
        holidays.schedule_id,
        holidays.holiday as date_day,
        in_force.time_zone,
        holidays.opens,
        holidays.closes
    from holidays
    inner join in_force
        on holidays.source = in_force.source
        and holidays.schedule_id = in_force.schedule_id
        and holidays.holiday = in_force.date_day
    where holidays.opens is not null
),

local_times as (
    select
        source,
        schedule_id,
        time_zone,
        {{ wall_time('date_day', 'opens') }} as opens_local,
        {{ wall_time('date_day', 'closes') }} as closes_local
    from opened
),

candidates as (
    select
        *,
        {{ zone_candidate('opens_local', 'time_zone', -1) }} as opens_earlier,
        {{ zone_candidate('opens_local', 'time_zone', 1) }} as opens_later,
        {{ zone_candidate('closes_local', 'time_zone', -1) }} as closes_earlier,
        {{ zone_candidate('closes_local', 'time_zone', 1) }} as closes_later
    from local_times
),

instants as (
    select
        source,
        schedule_id,
        {{ settled_instant('opens_local', 'time_zone', 'opens_earlier', 'opens_later') }} as opens_at,
        {{ settled_instant('closes_local', 'time_zone', 'closes_earlier', 'closes_later') }} as closes_at
    from candidates
),

-- where hours overlap, the later ones begin when all before them have ended
clipped as (
    select
        source,
        schedule_id,
        greatest(
            opens_at,
            coalesce(
                max(closes_at) over (
                    partition by source, schedule_id
                    order by opens_at asc nulls last, closes_at asc nulls last
                    rows between unbounded preceding and 1 preceding
                ),
                opens_at
            )
        ) as opens_at,
        closes_at
    from instants
),

-- a local day has at most 25 hours, so it touches at most three UTC days
steps as (
    select 0 as step
    union all
    select 1 as step
    union all
    select 2 as step
),

placed as (
    select
        clipped.source,
        clipped.schedule_id,
        clipped.opens_at,
        clipped.closes_at,
        {{ plus_days('cast(clipped.opens_at as date)', 'steps.step') }} as utc_day
    from clipped
    cross join steps
),

cut as (
    select
        placed.source,
        placed.schedule_id,
        placed.utc_day,
        greatest(placed.opens_at, cast(placed.utc_day as timestamp)) as opens_at,
        least(placed.closes_at, cast({{ plus_days('placed.utc_day', 1) }} as timestamp)) as closes_at
    from placed
    inner join days on placed.utc_day = days.date_day
),

final as (
    select
        source,
        schedule_id,
        utc_day,
        opens_at,
        closes_at,
        {{ seconds_between('opens_at', 'closes_at') }} as open_seconds,
        cast(
            coalesce(
                sum({{ seconds_between('opens_at', 'closes_at') }}) over (
                    partition by source, schedule_id
                    order by opens_at asc nulls last
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as bigint
        ) as open_seconds_before
    from cut
    where opens_at < closes_at
)

select * from final
