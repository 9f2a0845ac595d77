-- One row per spell in which a customer was active: from a purchase until no purchase followed within the window.
-- Days are local; `active_until`, `churned_on` and `next_active_from` are the first days of the next state.
with

days as (
    select distinct
        customer_number,
        ordered_on
    from {{ ref('fct_orders') }}
    where exclusion is null
),

gaps as (
    select
        customer_number,
        ordered_on,
        lag(ordered_on) over (partition by customer_number order by ordered_on asc nulls last) as previous_on
    from days
),

-- the day after the window may still continue a spell: no day ended without the customer being active
numbered as (
    select
        *,
        cast(
            sum(case when ordered_on <= {{ plus_days('previous_on', var('active_days') + 1) }} then 0 else 1 end) over (
                partition by customer_number
                order by ordered_on asc nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as spell_number
    from gaps
),

spells as (
    select
        customer_number,
        spell_number,
        min(ordered_on) as active_from,
        max(ordered_on) as last_purchase_on,
        count(*) as purchase_days
    from numbered
    group by customer_number, spell_number
),

final as (
    select
        customer_number,
        spell_number,
        active_from,
        last_purchase_on,
        purchase_days,
        {{ plus_days('last_purchase_on', var('active_days') + 1) }} as active_until,
        lead(active_from) over (partition by customer_number order by spell_number asc nulls last) as next_active_from,
        case
            when
                {{ plus_days('last_purchase_on', var('churn_days') + 1) }}
                < coalesce(
                    lead(active_from) over (partition by customer_number order by spell_number asc nulls last),
                    date '9999-12-31'
                )
                then {{ plus_days('last_purchase_on', var('churn_days') + 1) }}
        end as churned_on
    from spells
)

select * from final
