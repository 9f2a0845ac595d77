-- One row per cost of the service that is not deleted and day of its period: the cost is spread evenly over all days.
with

costs as (
    select
        *,
        coalesce(currency, default_currency) as cost_currency,
        {{ period_of('period_grain', 'period_start') }} as first_day
    from {{ ref('int_service_cost') }}
),

booked as (
    select
        costs.*,
        {{ period_shift('costs.period_grain', 'costs.first_day', 1) }} as end_day,
        rates.rate as exchange_rate,
        {{ cents('costs.amount * rates.rate') }} as period_amount
    from costs
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on costs.cost_currency = rates.from_currency
        and costs.first_day >= rates.valid_from
        and costs.first_day < rates.valid_to
),

bounds as (
    select
        min(first_day) as first_day,
        max(end_day) as end_day
    from booked
),

days as (
    {{ date_spine('first_day', plus_days('end_day', -1), 'bounds') }}
),

daily as (
    select
        booked.*,
        days.date_day,
        {{ cents_of('booked.period_amount') }} as period_cents,
        {{ days_between('booked.first_day', 'days.date_day') }} + 1 as number_of_day,
        {{ days_between('booked.first_day', 'booked.end_day') }} as days_of_period
    from booked
    inner join days on days.date_day >= booked.first_day and days.date_day < booked.end_day
),

final as (
    select
        {{ surrogate_key(['source', 'service_cost_id', 'date_day']) }} as service_cost_day_key,
        source,
        service_cost_id,
        date_day as happened_on,
        first_day as period_start,
        end_day as period_end,
        team_id,
        user_id,
        category,
        cost_currency as currency,
        exchange_rate,
        amount as period_amount_transaction,
        period_amount,
        {{ amount_of(part_of('period_cents', 'number_of_day', 'days_of_period')) }} as amount,
        case when is_test then 'test' end as exclusion,
        batch_id,
        row_number
    from daily
)

select * from final
