-- One row per spell in which a customer was active: by a purchase within the window, or by a contract that runs.
-- Days are local; `active_until`, `churned_on` and `next_active_from` are the first days of the next state.
with

orders as (
    select distinct
        customer_number,
        ordered_on
    from {{ ref('fct_orders') }}
    where exclusion is null
),

customers as (
    select
        customer_number,
        min(ordered_on) as first_order_on
    from orders
    group by customer_number
),

-- a contract that is renewed within the grace keeps its customer until the next one begins
contracts as (
    select
        subscription_key,
        customer_number,
        starts_on,
        greatest(coalesce(ended_on, date '9999-12-31'), coalesce(renewed_on, date '1900-01-01')) as covered_until,
        cancel_reason
    from {{ ref('fct_subscriptions') }}
    where exclusion is null and (ended_on is null or ended_on > starts_on)
),

-- an order makes a customer; a contract only keeps one
coverage as (
    select
        customer_number,
        ordered_on as covered_from,
        {{ plus_days('ordered_on', var('active_days') + 1) }} as covered_until,
        ordered_on,
        cast(null as string) as subscription_key,
        cast(null as string) as cancel_reason
    from orders
    union all
    select
        contracts.customer_number,
        greatest(contracts.starts_on, customers.first_order_on) as covered_from,
        contracts.covered_until,
        cast(null as date) as ordered_on,
        contracts.subscription_key,
        contracts.cancel_reason
    from contracts
    inner join customers on contracts.customer_number = customers.customer_number
    where contracts.covered_until > customers.first_order_on
),

reached as (
    select
        *,
        max(covered_until) over (
            partition by customer_number
            order by
                covered_from asc nulls last, covered_until asc nulls last, ordered_on asc nulls last,
                subscription_key asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as covered_before
    from coverage
),

-- what begins the day after the window may still continue a spell: no day ended without the customer being active
numbered as (
    select
        *,
        cast(
            sum(case when covered_from <= covered_before then 0 else 1 end) over (
                partition by customer_number
                order by
                    covered_from asc nulls last, covered_until asc nulls last, ordered_on asc nulls last,
                    subscription_key asc nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as spell_number
    from reached
),

ended as (
    select
        *,
        max(covered_until) over (partition by customer_number, spell_number) as active_until
    from numbered
),

spells as (
    select
        customer_number,
        spell_number,
        active_until,
        min(covered_from) as active_from,
        max(ordered_on) as last_purchase_on,
        count(ordered_on) as purchase_days,
        max(covered_until) filter (where ordered_on is not null) as window_until,
        min(cancel_reason) filter (where covered_until = active_until) as cancel_reason
    from ended
    group by customer_number, spell_number, active_until
),

-- a contract that has not begun at as_of begins no spell
begun as (
    select
        *,
        case
            when active_until = date '9999-12-31' then null
            when active_until > coalesce(window_until, date '1900-01-01') then 'contract_end'
            else 'no_purchase'
        end as ended_by,
        max(last_purchase_on) over (
            partition by customer_number
            order by spell_number asc nulls last
            rows between unbounded preceding and current row
        ) as last_order_on,
        lead(active_from) over (partition by customer_number order by spell_number asc nulls last) as next_active_from
    from spells
    where last_purchase_on is not null or active_from < {{ observed_until() }}
),

final as (
    select
        customer_number,
        spell_number,
        active_from,
        last_purchase_on,
        last_order_on,
        purchase_days,
        active_until,
        ended_by,
        case when ended_by = 'contract_end' then cancel_reason end as cancel_reason,
        next_active_from,
        case
            when ended_by = 'contract_end' then active_until
            when
                ended_by = 'no_purchase'
                and {{ plus_days('last_order_on', var('churn_days') + 1) }}
                < coalesce(next_active_from, date '9999-12-31')
                then {{ plus_days('last_order_on', var('churn_days') + 1) }}
        end as churned_on
    from begun
)

select * from final
