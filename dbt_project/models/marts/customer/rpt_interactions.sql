with

activities as (
    select * from {{ ref('fct_activities') }} where exclusion is null
),

-- activities and orders of a customer in one line, the latest first: of one instant the order does not follow
moments as (
    select
        kind,
        occurred_on,
        customer_number,
        occurred_at as happened_at,
        true as is_activity,
        kind = 'email' and coalesce(direction, 'out') = 'out' as is_sent,
        opened_at is not null as is_opened,
        replied_at is not null as is_replied,
        case when kind = 'call' then duration_seconds end as call_seconds,
        cast(null as timestamp) as ordered_at
    from activities
    union all
    select
        cast(null as string) as kind,
        cast(null as date) as occurred_on,
        customer_number,
        ordered_at as happened_at,
        false as is_activity,
        false as is_sent,
        false as is_opened,
        false as is_replied,
        cast(null as bigint) as call_seconds,
        ordered_at
    from {{ ref('fct_orders') }}
    where exclusion is null and customer_number is not null
),

followed as (
    select
        *,
        min(ordered_at) over (
            partition by customer_number
            order by happened_at desc nulls last, is_activity desc nulls last
            rows between unbounded preceding and current row
        ) as next_ordered_at,
        {{ minus_minutes('happened_at', '-1440 * ' ~ var('conversion_days')) }} as window_end
    from moments
),

judged as (
    select
        kind,
        occurred_on,
        customer_number,
        is_sent,
        is_opened,
        is_replied,
        call_seconds,
        customer_number is not null and window_end <= {{ as_of() }} as is_mature,
        next_ordered_at <= window_end as is_converted
    from followed
    where is_activity
),

days as (
    select
        occurred_on,
        kind,
        count(*) as interactions,
        count(*) filter (where is_sent) as emails_sent,
        count(*) filter (where is_sent and is_opened) as opened,
        count(*) filter (where is_sent and is_replied) as replied,
        sum(call_seconds) as call_seconds,
        count(call_seconds) as timed_calls,
        count(*) filter (where is_mature) as mature,
        count(*) filter (where is_mature and is_converted) as converted
    from judged
    group by occurred_on, kind
),

{{ periods_between('days', 'occurred_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        days.kind,
        {{ measured('interactions', 'sum(days.interactions)') }},
        {% for measure in ['emails_sent', 'opened', 'replied', 'call_seconds', 'timed_calls', 'mature', 'converted'] -%}
        cast(sum(days.{{ measure }}) filter (where p.comparison = 'current') as bigint) as {{ measure }}
        {%- if not loop.last %},
        {% endif %}
        {%- endfor %}
    from days
    inner join {{ ref('dim_period_day') }} as p on days.occurred_on = p.date_day
    group by p.period_grain, p.period_start, days.kind
),

{{ different_buyers('judged', 'occurred_on', ['kind']) }},

{{ member_grid('days', 'occurred_on', ['kind'], whole_span=true) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.kind,
        {{ compared('interactions') }},
        coalesce(buyers.customers, 0) as customers,
        coalesce(measures.emails_sent, 0) as emails_sent,
        coalesce(measures.opened, 0) as opened,
        coalesce(measures.replied, 0) as replied,
        cast(coalesce(measures.call_seconds, 0) as double) / 60 as call_minutes,
        coalesce(measures.timed_calls, 0) as timed_calls,
        coalesce(measures.mature, 0) as mature,
        coalesce(measures.converted, 0) as converted
    {{ from_grid(['kind']) }}
    left join buyers
        on grid.period_grain = buyers.period_grain
        and grid.period_start = buyers.period_start
        and grid.kind = buyers.kind
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
