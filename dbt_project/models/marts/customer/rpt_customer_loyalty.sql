with

orders as (
    select
        customer_number,
        ordered_on
    from {{ ref('fct_orders') }}
    where exclusion is null
),

-- 0 to 6 of 10 are detractors, 0 among them; other scales by the same share of the scale
answers as (
    select
        response_key,
        customer_number,
        responded_at,
        sent_at,
        coalesce(responded_on, sent_on) as answered_on,
        is_satisfied as is_promoter,
        (score - coalesce(scale_min, 0)) * 10 < (coalesce(scale_max, 10) - coalesce(scale_min, 0)) * 7 as is_detractor
    from {{ ref('fct_survey_responses') }}
    where exclusion is null and survey_kind = 'nps' and is_answered and coalesce(responded_on, sent_on) is not null
),

events as (
    select ordered_on as happened_on from orders
    union all
    select answered_on as happened_on from answers
),

{{ periods_between('events', 'happened_on') }},

-- orders of one day are one purchase that was split
buyers as (
    select
        p.period_grain,
        p.period_start,
        orders.customer_number,
        count(*) as orders,
        count(distinct orders.ordered_on) as order_days
    from orders
    inner join {{ ref('dim_period_day') }} as p on orders.ordered_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, orders.customer_number
),

purchases as (
    select
        period_grain,
        period_start,
        count(*) as buyers,
        count(*) filter (where order_days > 1) as repeat_buyers,
        sum(orders) as orders
    from buyers
    group by period_grain, period_start
),

-- an answer of nobody known is nobody else's
opinions as (
    select
        p.period_grain,
        p.period_start,
        answers.is_promoter,
        answers.is_detractor,
        row_number() over (
            partition by
                p.period_grain, p.period_start, answers.customer_number,
                case when answers.customer_number is null then answers.response_key end
            order by
                answers.answered_on desc nulls last, answers.responded_at desc nulls last,
                answers.sent_at desc nulls last, answers.response_key asc nulls last
        ) as position
    from answers
    inner join {{ ref('dim_period_day') }} as p on answers.answered_on = p.date_day and p.comparison = 'current'
),

recommendations as (
    select
        period_grain,
        period_start,
        count(*) filter (where is_promoter) as promoters,
        count(*) filter (where not is_promoter and not is_detractor) as passives,
        count(*) filter (where is_detractor) as detractors
    from opinions
    where position = 1
    group by period_grain, period_start
),

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        cast(coalesce(purchases.buyers, 0) as bigint) as buyers,
        cast(coalesce(purchases.repeat_buyers, 0) as bigint) as repeat_buyers,
        cast(coalesce(purchases.orders, 0) as bigint) as orders,
        cast(coalesce(recommendations.promoters, 0) as bigint) as promoters,
        cast(coalesce(recommendations.passives, 0) as bigint) as passives,
        cast(coalesce(recommendations.detractors, 0) as bigint) as detractors
    from periods
    left join purchases
        on periods.period_grain = purchases.period_grain and periods.period_start = purchases.period_start
    left join recommendations
        on periods.period_grain = recommendations.period_grain
        and periods.period_start = recommendations.period_start
),

balanced as (
    select
        *,
        promoters - detractors as balance,
        promoters + passives + detractors as opinions
    from filled
),

-- 1.96 standard errors of a mean of +1, 0 and -1, written with counts
final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        buyers,
        repeat_buyers,
        {{ ratio('repeat_purchase_rate', 'repeat_buyers', 'buyers') }},
        {{ ratio('purchase_frequency', 'orders', 'buyers') }},
        promoters,
        passives,
        detractors,
        cast(100 * balance as double) / nullif(cast(opinions as double), 0) as nps,
        balance as nps_numerator,
        opinions as nps_denominator,
        cast(196 as double)
        * sqrt(
            cast((promoters + detractors) * opinions - balance * balance as double)
            / nullif(cast(opinions as double) * cast(opinions as double) * cast(opinions as double), 0)
        ) as nps_margin,
        {{ ratio('recommendation_rate', 'promoters', 'opinions') }}
    from balanced
)

select * from final
