-- One row per project of a source system.
with

projects as (
    select
        *,
        coalesce(currency, default_currency) as project_currency,
        coalesce(starts_on, {{ as_of_date() }}) as valued_on
    from {{ ref('int_project') }}
),

final as (
    select
        {{ surrogate_key(['projects.source', 'projects.project_id']) }} as project_key,
        projects.source,
        projects.project_id,
        accounts.customer_number,
        projects.manager_user_id,
        projects.starts_on,
        projects.ends_on,
        projects.project_currency as currency,
        rates.rate as exchange_rate,
        projects.budget as budget_transaction,
        {{ converted('projects.budget', 'rates.rate') }} as budget,
        projects.status,
        projects.is_test or coalesce(accounts.is_test, false) as is_test
    from projects
    left join {{ ref('int_customer_account') }} as accounts
        on projects.source = accounts.source and projects.account_id = accounts.account_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on projects.project_currency = rates.from_currency
        and projects.valued_on >= rates.valid_from
        and projects.valued_on < rates.valid_to
)

select * from final
