-- The business clock: how long a schedule had been open at an instant. Business time from a to b is the reading at b
-- less that at a, so it adds up, is never negative and never more than the calendar says.
with

moments as (
    select * from {{ ref('int_ticket_moments') }}
),

seconds as (
    select
        moments.source,
        moments.schedule_id,
        moments.instant,
        sum({{ seconds_between('pieces.opens_at', 'least(moments.instant, pieces.closes_at)') }}) as open_seconds
    from moments
    inner join {{ ref('int_business_pieces') }} as pieces
        on moments.source = pieces.source
        and moments.schedule_id = pieces.schedule_id
        and cast(moments.instant as date) = pieces.utc_day
    where moments.instant > pieces.opens_at
    group by moments.source, moments.schedule_id, moments.instant
),

final as (
    select
        moments.source,
        moments.schedule_id,
        moments.instant,
        cast(days.open_seconds_before + coalesce(seconds.open_seconds, 0) as bigint) as open_seconds
    from moments
    inner join {{ ref('int_business_days') }} as days
        on moments.source = days.source
        and moments.schedule_id = days.schedule_id
        and cast(moments.instant as date) = days.utc_day
    left join seconds
        on moments.source = seconds.source
        and moments.schedule_id = seconds.schedule_id
        and moments.instant = seconds.instant
)

select * from final
