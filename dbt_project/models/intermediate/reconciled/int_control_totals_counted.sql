-- What is counted needs no rate, and is not rounded, so that nobody asks of which document it is.
with

counted as (
    select
        contributions.metric,
        contributions.source,
        {{ month_of('contributions.occurred_on') }} as period,
        {{ bucket() }},
        contributions.amount
    from {{ contributions("metric not in ('" ~ money_metrics() | join("', '") ~ "')") }}
),

final as (
    select
        metric,
        source,
        period,
        bucket,
        sum(amount) as amount,
        sum(amount) as booked,
        count(*) - count(amount) as unknown
    from counted
    group by metric, source, period, bucket
)

select * from final
