with

complaints as (
    select
        created_on,
        category,
        first_solved_at is not null as is_resolved,
        last_solved_at is null and removed_at is null as is_unsolved,
        removed_at is not null as is_removed,
        removed_at is null and {{ has_passed('created_at', var('complaint_days')) }} as is_judged,
        {{ happened_within('first_solved_at', 'created_at', var('complaint_days')) }} as is_in_time,
        cast(first_resolution_seconds as double) / 86400 as resolution_days
    from {{ ref('fct_tickets') }}
    where exclusion is null and kind = 'complaint'
),

orders as (
    select ordered_on from {{ ref('fct_orders') }} where exclusion is null
),

{{ periods_between('complaints', 'created_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        complaints.category,
        {{ measured('received', 'count(*)') }},
        count(*) filter (where p.comparison = 'current' and complaints.is_resolved) as resolved,
        count(*) filter (where p.comparison = 'current' and complaints.is_unsolved) as unsolved,
        count(*) filter (where p.comparison = 'current' and complaints.is_removed) as removed,
        count(*) filter (where p.comparison = 'current' and complaints.is_judged) as judged,
        count(*) filter (where p.comparison = 'current' and complaints.is_judged and complaints.is_in_time) as in_time,
        percentile_cont(0.5) within group (order by complaints.resolution_days asc nulls last)
        filter (where p.comparison = 'current' and complaints.resolution_days is not null) as median_days
    from complaints
    inner join {{ ref('dim_period_day') }} as p on complaints.created_on = p.date_day
    group by p.period_grain, p.period_start, complaints.category
),

order_counts as (
    select
        p.period_grain,
        p.period_start,
        count(*) as orders
    from orders
    inner join {{ ref('dim_period_day') }} as p on orders.ordered_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start
),

{{ member_grid('complaints', 'created_on', ['category'], whole_span=true) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.category,
        {{ compared('received') }},
        coalesce(measures.resolved, 0) as resolved,
        coalesce(measures.unsolved, 0) as unsolved,
        coalesce(measures.removed, 0) as removed,
        coalesce(measures.judged, 0) as judged,
        coalesce(measures.in_time, 0) as in_time,
        measures.median_days
    {{ from_grid(['category']) }}
),

counted as (
    select
        filled.*,
        1000 * filled.received as thousandfold,
        coalesce(order_counts.orders, 0) as orders
    from filled
    left join order_counts
        on filled.period_grain = order_counts.period_grain and filled.period_start = order_counts.period_start
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        category,
        received,
        received_previous,
        received_last_year,
        received_growth,
        received_growth_yoy,
        resolved,
        unsolved,
        removed,
        {{ ratio('resolved_in_time', 'in_time', 'judged') }},
        median_days,
        {{ ratio('per_1000_orders', 'thousandfold', 'orders') }},
        case
            when received = 0 then 'none received'
            when unsolved = received then 'all unsolved'
            when unsolved > 0 then 'some unsolved'
            else 'all settled'
        end as outcome
    from counted
)

select * from final
