-- One row per month that was complete at as_of, from that of the first order on, gaps included.
with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

months as (
    select
        dim_period.period_start as month,
        dim_period.period_end
    from {{ ref('dim_period') }} as dim_period
    inner join (select min(ordered_on) as first_day from orders) as span
        on dim_period.period_end > span.first_day
    where dim_period.period_grain = 'month' and dim_period.is_complete
),

final as (
    select
        months.month,
        cast(coalesce(sum(orders.revenue), 0) as decimal(38, 2)) as revenue
    from months
    left join orders
        on months.month <= orders.ordered_on and months.period_end > orders.ordered_on
    group by months.month
)

select * from final
