with

activities as (
    select * from {{ ref('fct_activities') }} where exclusion is null
),

orders as (
    select
        customer_number,
        ordered_at
    from {{ ref('fct_orders') }}
    where exclusion is null
),

windows as (
    select
        activity_key,
        customer_number,
        occurred_at,
        {{ minus_minutes('occurred_at', '-1440 * ' ~ var('conversion_days')) }} as window_end
    from activities
),

followed_by_an_order as (
    select distinct windows.activity_key
    from windows
    inner join orders
        on windows.customer_number = orders.customer_number
        and orders.ordered_at > windows.occurred_at
        and orders.ordered_at <= windows.window_end
),

judged as (
    select
        activities.kind,
        activities.occurred_on,
        activities.customer_number,
        activities.kind = 'email' and coalesce(activities.direction, 'out') = 'out' as is_sent,
        activities.opened_at is not null as is_opened,
        activities.replied_at is not null as is_replied,
        case when activities.kind = 'call' then activities.duration_seconds end as call_seconds,
        activities.customer_number is not null and windows.window_end <= {{ as_of() }} as is_mature,
        followed_by_an_order.activity_key is not null as is_converted
    from activities
    inner join windows on activities.activity_key = windows.activity_key
    left join followed_by_an_order on activities.activity_key = followed_by_an_order.activity_key
),

{{ periods_between('judged', 'occurred_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        judged.kind,
        {{ measured('interactions', 'count(*)') }},
        count(distinct judged.customer_number) filter (where p.comparison = 'current') as customers,
        count(*) filter (where p.comparison = 'current' and judged.is_sent) as emails_sent,
        count(*) filter (where p.comparison = 'current' and judged.is_sent and judged.is_opened) as opened,
        count(*) filter (where p.comparison = 'current' and judged.is_sent and judged.is_replied) as replied,
        sum(judged.call_seconds) filter (where p.comparison = 'current') as call_seconds,
        count(judged.call_seconds) filter (where p.comparison = 'current') as timed_calls,
        count(*) filter (where p.comparison = 'current' and judged.is_mature) as mature,
        count(*) filter (where p.comparison = 'current' and judged.is_mature and judged.is_converted) as converted
    from judged
    inner join {{ ref('dim_period_day') }} as p on judged.occurred_on = p.date_day
    group by p.period_grain, p.period_start, judged.kind
),

{{ member_grid('judged', 'occurred_on', ['kind'], whole_span=true) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.kind,
        {{ compared('interactions') }},
        coalesce(measures.customers, 0) as customers,
        coalesce(measures.emails_sent, 0) as emails_sent,
        coalesce(measures.opened, 0) as opened,
        coalesce(measures.replied, 0) as replied,
        cast(coalesce(measures.call_seconds, 0) as double) / 60 as call_minutes,
        coalesce(measures.timed_calls, 0) as timed_calls,
        coalesce(measures.mature, 0) as mature,
        coalesce(measures.converted, 0) as converted
    {{ from_grid(['kind']) }}
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        kind,
        interactions,
        interactions_previous,
        interactions_last_year,
        interactions_growth,
        interactions_growth_yoy,
        customers,
        emails_sent,
        {{ ratio('open_rate',
            "case when kind = 'email' then opened end", "case when kind = 'email' then emails_sent end") }},
        {{ ratio('reply_rate',
            "case when kind = 'email' then replied end", "case when kind = 'email' then emails_sent end") }},
        call_minutes,
        {{ ratio('mean_call_minutes',
            "case when kind = 'call' then call_minutes end", "case when kind = 'call' then timed_calls end") }},
        case when kind = 'meeting' then interactions else 0 end as meetings,
        {{ ratio('converted_within_window', 'converted', 'mature') }}
    from filled
)

select * from final
