with

tickets as (
    select
        created_on,
        mod({{ days_between("date '1900-01-01'", 'created_on') }}, 7) + 1 as weekday,
        created_hour as hour_of_day,
        first_reply_seconds,
        first_reply_business_seconds,
        is_unanswered
    from {{ ref('fct_tickets') }}
    where exclusion is null
),

final as (
    select
        p.period_grain,
        p.period_start,
        dim_period.period_end,
        dim_period.is_complete,
        cast(tickets.weekday as bigint) as weekday,
        tickets.hour_of_day,
        count(*) as tickets,
        count(*) filter (where tickets.is_unanswered) as unanswered,
        {{ median_and_p90('first_reply_minutes', 'tickets.first_reply_seconds') }},
        cast(sum(tickets.first_reply_seconds) as double) / 60 / nullif(count(tickets.first_reply_seconds), 0)
            as mean_first_reply_minutes,
        {{ median_and_p90('first_reply_business_minutes', 'tickets.first_reply_business_seconds') }},
        cast(sum(tickets.first_reply_business_seconds) as double) / 60
        / nullif(count(tickets.first_reply_business_seconds), 0) as mean_first_reply_business_minutes
    from tickets
    inner join {{ ref('dim_period_day') }} as p on tickets.created_on = p.date_day and p.comparison = 'current'
    inner join {{ ref('dim_period') }} as dim_period
        on p.period_grain = dim_period.period_grain and p.period_start = dim_period.period_start
    group by
        p.period_grain, p.period_start, dim_period.period_end, dim_period.is_complete, tickets.weekday,
        tickets.hour_of_day
)

select * from final
