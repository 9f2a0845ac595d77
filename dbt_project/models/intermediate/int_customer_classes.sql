-- One row per customer and day on which customers are classed: every month end from the first order on, and the last
-- day that had ended at as_of. Nothing that happened later is looked at.
with

orders as (
    select * from {{ ref('fct_orders') }} where exclusion is null
),

days as (
    select
        date_day as assigned_on,
        date_day = last_day(date_day) as is_month_end,
        {{ plus_days('date_day', -var('value_days')) }} as window_from
    from {{ ref('dim_date') }}
    where
        date_day < {{ as_of_date() }}
        and (date_day = last_day(date_day) or date_day = {{ plus_days(as_of_date(), -1) }})
),

held as (
    select
        days.assigned_on,
        days.is_month_end,
        orders.customer_number,
        {{ days_between('max(orders.ordered_on)', 'days.assigned_on') }} as recency_days,
        count(*) filter (where orders.ordered_on > days.window_from) as frequency,
        cast(coalesce(sum(orders.revenue) filter (where orders.ordered_on > days.window_from), 0) as decimal(38, 2))
            as monetary
    from days
    inner join orders on orders.ordered_on <= days.assigned_on
    group by days.assigned_on, days.is_month_end, orders.customer_number
),

-- how many have a strictly worse value
ranked as (
    select
        assigned_on,
        customer_number,
        count(*) over (partition by assigned_on) as customers,
        rank() over (partition by assigned_on order by recency_days desc nulls last) - 1 as worse_recency,
        rank() over (partition by assigned_on order by frequency asc nulls last) - 1 as worse_frequency,
        rank() over (partition by assigned_on order by monetary asc nulls last) - 1 as worse_monetary
    from held
    where frequency > 0
),

scored as (
    select
        assigned_on,
        customer_number,
        {{ score('worse_recency', 'customers') }} as r_score,
        {{ score('worse_frequency', 'customers') }} as f_score,
        {{ score('worse_monetary', 'customers') }} as m_score
    from ranked
),

-- how many have strictly more, and how much those have who come before
valued as (
    select
        assigned_on,
        customer_number,
        count(*) over (partition by assigned_on) as customers,
        rank() over (partition by assigned_on order by monetary desc nulls last) - 1 as better,
        sum(monetary) over (partition by assigned_on) as whole,
        coalesce(
            sum(monetary) over (
                partition by assigned_on
                order by monetary desc nulls last, customer_number asc nulls last
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before
    from held
    where frequency > 0 and monetary > 0
),

tiered as (
    select
        assigned_on,
        customer_number,
        case
            when better < {{ share_of(var('high_value_share'), 'customers') }} then 'high'
            when
                better < {{ share_of(var('high_value_share'), 'customers') }}
                + {{ share_of(var('medium_value_share'), 'customers') }}
                then 'medium'
            else 'low'
        end as value_tier,
        case
            when before < {{ share_of(var('abc_a_share'), 'whole') }} then 'A'
            when before < {{ share_of(var('abc_b_share'), 'whole') }} then 'B'
            else 'C'
        end as abc_class
    from valued
),

followed as (
    select
        *,
        lead(assigned_on) over (partition by customer_number order by assigned_on asc nulls last) as next_on
    from held
),

final as (
    select
        held.customer_number,
        held.assigned_on,
        held.is_month_end,
        coalesce({{ plus_days('held.next_on', -1) }}, date '9999-12-31') as valid_until,
        held.recency_days,
        held.frequency,
        held.monetary,
        scored.r_score,
        scored.f_score,
        scored.m_score,
        cast(scored.r_score as string) || cast(scored.f_score as string) || cast(scored.m_score as string)
            as rfm_score,
        {{ rfm_segment('scored.r_score', 'scored.f_score', 'scored.m_score') }} as rfm_segment,
        coalesce(tiered.value_tier, 'none') as value_tier,
        coalesce(tiered.abc_class, case when held.frequency > 0 then 'C' else 'none' end) as abc_class,
        {{ age_band('attributes.birth_date', 'held.assigned_on') }} as age_band,
        attributes.gender,
        attributes.region,
        attributes.industry,
        attributes.tag
    from followed as held
    left join scored on held.assigned_on = scored.assigned_on and held.customer_number = scored.customer_number
    left join tiered on held.assigned_on = tiered.assigned_on and held.customer_number = tiered.customer_number
    left join {{ ref('int_customer_attributes') }} as attributes
        on held.customer_number = attributes.customer_number
        and held.assigned_on >= attributes.valid_from_on
        and held.assigned_on < attributes.valid_to_on
)

select * from final
