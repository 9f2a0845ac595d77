with

orders as (
    select
        customer_number,
        {{ month_of('ordered_on') }} as order_month,
        revenue
    from {{ ref('fct_orders') }}
    where exclusion is null
),

customers as (
    select
        customer_number,
        min(order_month) as cohort_month
    from orders
    group by customer_number
),

cohorts as (
    select
        cohort_month,
        count(*) as cohort_size
    from customers
    group by cohort_month
),

purchases as (
    select
        customers.cohort_month,
        orders.order_month,
        count(distinct orders.customer_number) as retained,
        sum(orders.revenue) as revenue
    from orders
    inner join customers on orders.customer_number = customers.customer_number
    group by customers.cohort_month, orders.order_month
),

-- what a month that has not ended will hold is not known: neither zero nor what there is so far
cells as (
    select
        cohorts.cohort_month,
        cast(
            (year(months.period_start) - year(cohorts.cohort_month)) * 12
            + month(months.period_start) - month(cohorts.cohort_month) as bigint
        ) as months_since,
        cast(cohorts.cohort_size as bigint) as cohort_size,
        case when months.is_complete then cohorts.cohort_size end as observed_size,
        case when months.is_complete then coalesce(purchases.retained, 0) end as retained,
        case when months.is_complete then coalesce(purchases.revenue, 0) end as revenue
    from cohorts
    inner join {{ ref('dim_period') }} as months
        on months.period_grain = 'month' and months.period_start >= cohorts.cohort_month
    left join purchases
        on cohorts.cohort_month = purchases.cohort_month and months.period_start = purchases.order_month
    where months.period_start <= {{ as_of_date() }}
),

final as (
    select
        cohort_month,
        months_since,
        cohort_size,
        cast(retained as bigint) as retained,
        {{ ratio('retention_rate', 'cast(retained as bigint)', 'cast(observed_size as bigint)') }},
        cast(revenue as decimal(38, 2)) as revenue
    from cells
)

select * from final
