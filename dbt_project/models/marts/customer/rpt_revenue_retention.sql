{# A contract at both ends of a period: asked of all of them together, and of each customer who moved. #}
{%- set at_both_ends -%}
subscriptions.starts_on <= opened.opening_day and subscriptions.ended_on > opened.opening_day as runs_at_start,
        subscriptions.starts_on <= opened.closing_day and subscriptions.ended_on > opened.closing_day as runs_at_end,
        cast(
            coalesce({{ converted('subscriptions.monthly_amount_transaction', 'opened.rate') }}, 0) as decimal(18, 2)
        ) as monthly_amount
{%- endset -%}
with

-- what was cancelled before its first day never ran
subscriptions as (
    select
        coalesce(customer_number, '') as customer_number,
        starts_on,
        coalesce(ended_on, date '9999-12-31') as ended_on,
        coalesce(currency, '') as currency,
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
opened as (
    select
        observed.*,
        currencies.currency,
        rates.rate
    from observed
    cross join (select distinct currency from subscriptions) as currencies
    left join rates
        on currencies.currency = rates.from_currency
        and observed.opening_day >= rates.valid_from
        and observed.opening_day < rates.valid_to
),

running as (
    select
        opened.period_grain,
        opened.period_start,
        subscriptions.monthly_amount_transaction is null as is_without_amount,
        subscriptions.monthly_amount_transaction is not null and opened.rate is null as is_without_rate,
        {{ at_both_ends }}
    from opened
    inner join subscriptions
        on opened.currency = subscriptions.currency
        and subscriptions.starts_on <= opened.closing_day
        and subscriptions.ended_on > opened.opening_day
),

ends as (
    select
        period_grain,
        period_start,
        sum(case when runs_at_start then monthly_amount else 0 end) as starting_revenue,
        sum(case when runs_at_end then monthly_amount else 0 end) as closing_revenue,
        count(*) filter (where is_without_amount) as without_amount,
        bool_or(is_without_rate) as is_unknown
    from running
    where runs_at_start or runs_at_end
    group by period_grain, period_start
),

-- who has a contract that begins or ends in the period: of everybody else the end is the start
moves as (
    select customer_number, starts_on as moved_on from subscriptions
    union all
    select customer_number, ended_on as moved_on from subscriptions
),

moved as (
    select distinct
        observed.period_grain,
        observed.period_start,
        moves.customer_number
    from observed
    inner join moves
        on moves.moved_on > observed.opening_day and moves.moved_on <= observed.closing_day
),

running_of_moved as (
    select
        moved.period_grain,
        moved.period_start,
        moved.customer_number,
        {{ at_both_ends }}
    from moved
    inner join subscriptions on moved.customer_number = subscriptions.customer_number
    inner join opened
        on moved.period_grain = opened.period_grain
        and moved.period_start = opened.period_start
        and subscriptions.currency = opened.currency
),

customers as (
    select
        period_grain,
        period_start,
        customer_number,
        sum(case when runs_at_start then monthly_amount else 0 end) as starting,
        sum(case when runs_at_end then monthly_amount else 0 end) as ending
    from running_of_moved
    group by period_grain, period_start, customer_number
),

movements as (
    select
        period_grain,
        period_start,
        sum(case when ending > 0 and ending < starting then starting - ending else 0 end) as contraction,
        sum(case when ending = 0 then starting else 0 end) as churned,
        sum(case when starting > 0 and ending > starting then ending - starting else 0 end) as expansion,
        sum(case when starting = 0 then ending else 0 end) as new_revenue
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
        {% for measure in ['ends.starting_revenue', 'movements.contraction', 'movements.churned', 'movements.expansion',
                           'movements.new_revenue', 'ends.closing_revenue'] -%}
        cast(
            case when not coalesce(ends.is_unknown, false) then coalesce({{ measure }}, 0) end as decimal(38, 2)
        ) as {{ measure.split('.')[1] }},
        {% endfor -%}
        cast(coalesce(ends.without_amount, 0) as bigint) as without_amount
    from observed
    left join ends
        on observed.period_grain = ends.period_grain and observed.period_start = ends.period_start
    left join movements
        on observed.period_grain = movements.period_grain and observed.period_start = movements.period_start
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
