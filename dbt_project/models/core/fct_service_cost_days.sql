-- One row per cost of the service and day that it is for and that has come: it is spread evenly over its days.
with

costs as (
    select
        *,
        {{ days_between('period_start', 'period_end') }} as days,
        {{ cents_of('amount') }} as cents
    from {{ ref('fct_service_costs') }}
),

final as (
    select
        {{ surrogate_key(['costs.source', 'costs.service_cost_id', 'dim_date.date_day']) }} as service_cost_day_key,
        costs.source,
        costs.service_cost_id,
        dim_date.date_day as happened_on,
        costs.team_id,
        costs.category,
        {{ amount_of_cents(cents_of_day(
            'costs.cents', 'costs.days', days_between('costs.period_start', 'dim_date.date_day') ~ ' + 1'
        )) }} as amount,
        costs.exclusion,
        costs.batch_id,
        costs.row_number
    from costs
    inner join {{ ref('dim_date') }} as dim_date
        on dim_date.date_day >= costs.period_start
        and dim_date.date_day < costs.period_end
        and dim_date.date_day < {{ observed_until() }}
)

select * from final
