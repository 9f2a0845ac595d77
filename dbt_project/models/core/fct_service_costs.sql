-- One row per cost of service that is not deleted, with the days that it is for.
with

costs as (
    select
        *,
        coalesce(currency, default_currency) as cost_currency,
        {{ period_shift('period_grain', 'period_start', 1) }} as period_end
    from {{ ref('int_service_cost') }}
),

final as (
    select
        {{ surrogate_key(['costs.source', 'costs.service_cost_id']) }} as service_cost_key,
        costs.source,
        costs.service_cost_id,
        costs.period_grain,
        costs.period_start,
        costs.period_end,
        coalesce(costs.team_id, users.team_id, '(unknown)') as team_id,
        costs.category,
        costs.cost_currency as currency,
        rates.rate as exchange_rate,
        costs.amount as amount_transaction,
        {{ converted('costs.amount', 'rates.rate') }} as amount,
        case when costs.is_test then 'test' end as exclusion,
        costs.batch_id,
        costs.row_number
    from costs
    left join {{ ref('dim_user') }} as users
        on costs.source = users.source
        and costs.user_id = users.user_id
        and cast(costs.period_start as timestamp) >= users.valid_from
        and cast(costs.period_start as timestamp) < users.valid_to
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on costs.cost_currency = rates.from_currency
        and costs.period_start >= rates.valid_from
        and costs.period_start < rates.valid_to
)

select * from final
