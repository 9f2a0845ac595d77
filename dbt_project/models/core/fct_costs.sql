-- One row per cost that is not deleted, neither of a campaign nor of the service. Money that was spent stays spent
-- where its customer or project is deleted.
with

costs as (
    select
        *,
        coalesce(currency, default_currency) as cost_currency
    from {{ ref('int_cost') }}
),

final as (
    select
        {{ surrogate_key(['costs.source', 'costs.cost_id']) }} as cost_key,
        costs.source,
        costs.cost_id,
        costs.incurred_on,
        costs.category,
        coalesce(costs.cost_center, '(unknown)') as cost_center,
        accounts.customer_number,
        costs.project_id,
        costs.cost_currency as currency,
        rates.rate as exchange_rate,
        costs.amount as amount_transaction,
        {{ converted('costs.amount', 'rates.rate') }} as amount,
        case
            when costs.is_test or coalesce(accounts.is_test, false) or coalesce(projects.is_test, false) then 'test'
        end as exclusion,
        costs.batch_id,
        costs.row_number
    from costs
    left join {{ ref('dim_project') }} as projects
        on costs.source = projects.source and costs.project_id = projects.project_id
    left join {{ ref('int_customer_account') }} as accounts
        on costs.source = accounts.source and costs.account_id = accounts.account_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on costs.cost_currency = rates.from_currency
        and costs.incurred_on >= rates.valid_from
        and costs.incurred_on < rates.valid_to
)

select * from final
