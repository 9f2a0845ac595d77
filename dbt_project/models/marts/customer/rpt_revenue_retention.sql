with

-- what was cancelled before its first day never ran
subscriptions as (
    select
        subscription_key,
        customer_number,
        starts_on,
        coalesce(ended_on, date '9999-12-31') as ended_on,
        currency,
        monthly_amount_transaction
    from {{ ref('fct_subscriptions') }}
    where exclusion is null and (ended_on is null or ended_on > starts_on)
),

-- recurring revenue is followed to as_of: contracts go on and end without any event
lifetime as (
    select starts_on as happened_on from subscriptions
    where starts_on < {{ observed_until() }}
    union all
    select {{ plus_days(as_of_date(), -1) }} as happened_on
    from subscriptions
    where starts_on < {{ as_of_date() }}
),

{{ periods_between('lifetime', 'happened_on') }},

observed as (
    select
        periods.*,
        {{ plus_days('periods.period_start', -1) }} as opening_day,
        {{ plus_days('dim_period.observed_until', -1) }} as closing_day
    from periods
    inner join {{ ref('dim_period') }} as dim_period
        on periods.period_grain = dim_period.period_grain and periods.period_start = dim_period.period_start
),

-- a currency has its first known rate before it as well
rates as (
    select
        from_currency,
        case
            when valid_from = min(valid_from) over (partition by from_currency) then date '1900-01-01'
            else valid_from
        end as valid_from,
        valid_to,
        rate
    from {{ ref('int_exchange_rate_spans') }}
),

-- both ends at the rate of the opening: what changes is what the customer pays, not what its currency is worth
running as (
    select
        observed.period_grain,
        observed.period_start,
        subscriptions.customer_number,
        subscriptions.starts_on <= observed.opening_day as runs_at_start,
        subscriptions.starts_on <= observed.closing_day and subscriptions.ended_on > observed.closing_day
            as runs_at_end,
        subscriptions.monthly_amount_transaction is null as is_without_amount,
        subscriptions.monthly_amount_transaction is not null and rates.rate is null as is_without_rate,
        cast(
            coalesce({{ converted('subscriptions.monthly_amount_transaction', 'rates.rate') }}, 0) as decimal(18, 2)
        ) as monthly_amount
    from observed
    inner join subscriptions
        on subscriptions.starts_on <= observed.closing_day and subscriptions.ended_on > observed.opening_day
    left join rates
        on subscriptions.currency = rates.from_currency
        and observed.opening_day >= rates.valid_from
        and observed.opening_day < rates.valid_to
),

customers as (
    select
        period_grain,
        period_start,
        customer_number,
        sum(case when runs_at_start then monthly_amount else 0 end) as starting,
        sum(case when runs_at_end then monthly_amount else 0 end) as ending,
        count(*) filter (where is_without_amount) as without_amount,
        bool_or(is_without_rate) as is_unknown
    from running
    where runs_at_start or runs_at_end
    group by period_grain, period_start, customer_number
),

totals as (
    select
        period_grain,
        period_start,
        sum(starting) as starting_revenue,
        sum(case when ending > 0 and ending < starting then starting - ending else 0 end) as contraction,
        sum(case when ending = 0 then starting else 0 end) as churned,
        sum(case when starting > 0 and ending > starting then ending - starting else 0 end) as expansion,
        sum(case when starting = 0 then ending else 0 end) as new_revenue,
        sum(ending) as closing_revenue,
        sum(without_amount) as without_amount,
        bool_or(is_unknown) as is_unknown
    from customers
    group by period_grain, period_start
),

-- nothing ran is zero; what ran without a rate is unknown
filled as (
    select
        observed.period_grain,
        observed.period_start,
        observed.period_end,
        observed.is_complete,
        {% for name in ['starting_revenue', 'contraction', 'churned', 'expansion', 'new_revenue', 'closing_revenue'] -%}
        cast(
            case when not coalesce(totals.is_unknown, false) then coalesce(totals.{{ name }}, 0) end as decimal(38, 2)
        ) as {{ name }},
        {% endfor -%}
        cast(coalesce(totals.without_amount, 0) as bigint) as without_amount
    from observed
    left join totals
        on observed.period_grain = totals.period_grain and observed.period_start = totals.period_start
),

retained as (
    select
        *,
        cast(starting_revenue - contraction - churned as decimal(38, 2)) as kept,
        cast(starting_revenue - contraction - churned + expansion as decimal(38, 2)) as kept_and_expanded
    from filled
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        starting_revenue,
        contraction,
        churned,
        expansion,
        new_revenue,
        closing_revenue,
        {{ ratio('grr', 'kept', 'starting_revenue') }},
        {{ ratio('nrr', 'kept_and_expanded', 'starting_revenue') }},
        without_amount
    from retained
)

select * from final
