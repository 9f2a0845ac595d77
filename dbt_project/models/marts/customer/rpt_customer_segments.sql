with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

spans as (
    select
        spans.customer_number,
        spans.segment_kind,
        case when folded.customer_number is null then spans.segment else '(other)' end as segment,
        spans.first_day,
        spans.end_day
    from {{ ref('int_customer_segment_spans') }} as spans
    left join {{ ref('int_folded_segment') }} as folded
        on spans.customer_number = folded.customer_number
        and spans.segment_kind = folded.segment_kind
        and spans.segment = folded.segment
),

customers as (
    select
        customer_number,
        min(ordered_on) as first_on
    from orders
    group by customer_number
),

bought as (
    select
        spans.segment_kind,
        spans.segment,
        greatest(spans.first_day, customers.first_on) as first_day,
        spans.end_day
    from spans
    inner join customers on spans.customer_number = customers.customer_number
    where spans.end_day > customers.first_on
),

-- how many customers enter (+1) and leave (-1) each segment, by day
changes as (
    select
        segment_kind,
        segment,
        first_day as changed_on,
        1 as customers
    from bought
    union all
    select
        segment_kind,
        segment,
        end_day as changed_on,
        -1 as customers
    from bought
),

daily_changes as (
    select
        segment_kind,
        segment,
        changed_on,
        sum(customers) as customers
    from changes
    group by segment_kind, segment, changed_on
),

members as (
    select distinct
        segment_kind,
        segment
    from bought
),

day_ends as (
    select
        dim_date.date_day,
        members.segment_kind,
        members.segment,
        sum(coalesce(daily_changes.customers, 0)) over (
            partition by members.segment_kind, members.segment
            order by dim_date.date_day asc nulls last
            rows between unbounded preceding and current row
        ) as customers
    from {{ ref('dim_date') }} as dim_date
    cross join members
    left join daily_changes
        on dim_date.date_day = daily_changes.changed_on
        and members.segment_kind = daily_changes.segment_kind
        and members.segment = daily_changes.segment
),

{{ base_lifetime() }},

{{ periods_between('lifetime', 'happened_on') }},

observed as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        {{ plus_days('dim_period.observed_until', -1) }} as closing_day
    from periods
    inner join {{ ref('dim_period') }} as dim_period
        on periods.period_grain = dim_period.period_grain and periods.period_start = dim_period.period_start
),

sales as (
    select
        o.period_grain,
        o.period_start,
        o.closing_day,
        orders.customer_number,
        sum(orders.revenue) as revenue
    from orders
    inner join {{ ref('dim_period_day') }} as p
        on orders.ordered_on = p.date_day and p.comparison = 'current'
    inner join observed as o
        on p.period_grain = o.period_grain and p.period_start = o.period_start
    group by o.period_grain, o.period_start, o.closing_day, orders.customer_number
),

counted as (
    select
        o.period_grain,
        o.period_start,
        day_ends.segment_kind,
        day_ends.segment,
        day_ends.customers,
        cast(0 as decimal(38, 2)) as revenue
    from observed as o
    inner join day_ends on o.closing_day = day_ends.date_day
    where day_ends.customers > 0
    union all
    select
        sales.period_grain,
        sales.period_start,
        spans.segment_kind,
        spans.segment,
        0 as customers,
        sum(sales.revenue) as revenue
    from sales
    inner join spans
        on sales.customer_number = spans.customer_number
        and sales.closing_day >= spans.first_day
        and sales.closing_day < spans.end_day
    group by sales.period_grain, sales.period_start, spans.segment_kind, spans.segment
),

measures as (
    select
        period_grain,
        period_start,
        segment_kind,
        segment,
        cast(sum(customers) as bigint) as customers,
        cast(sum(revenue) as decimal(38, 2)) as revenue
    from counted
    group by period_grain, period_start, segment_kind, segment
),

totals as (
    select
        period_grain,
        period_start,
        segment_kind,
        cast(sum(customers) as bigint) as customers,
        cast(sum(revenue) as decimal(38, 2)) as revenue
    from measures
    group by period_grain, period_start, segment_kind
),

final as (
    select
        o.period_grain,
        o.period_start,
        o.period_end,
        o.is_complete,
        measures.segment_kind,
        measures.segment,
        measures.customers,
        {{ ratio('customer_share', 'measures.customers', 'totals.customers') }},
        measures.revenue,
        {{ ratio('revenue_share', 'measures.revenue', 'totals.revenue') }}
    from measures
    inner join observed as o
        on measures.period_grain = o.period_grain and measures.period_start = o.period_start
    inner join totals
        on measures.period_grain = totals.period_grain
        and measures.period_start = totals.period_start
        and measures.segment_kind = totals.segment_kind
)

select * from final
