-- One row per landed invoice. That of a cancelled order is still owed, unless it is cancelled itself.
{{ config(materialized='table') }}
with

invoices as (
    {{ newest_landed('invoice', ['invoice_id']) }}
),

final as (
    select
        'invoices' as metric,
        invoices.invoice_id as document,
        {{ guarded('date', 'invoices.issued_on') }} as occurred_on,
        coalesce(invoices.currency, orders.currency) as currency,
        cast({{ guarded('money', 'invoices.amount', 'invoices._decimal_mark') }} as decimal(38, 12)) as amount,
        case
            when {{ says_yes('invoices.is_deleted') }} or orders.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('invoices.is_test') }} or orders.exclusion = 'test' or accounts.is_test then 'test'
            when lower(trim(invoices.status)) in ('cancelled', 'canceled', 'void', 'voided') then 'cancelled'
            when lower(trim(invoices.status)) = 'draft' then 'draft'
        end as exclusion,
        {{ landed_row('invoices') }}
    from invoices
    left join {{ ref('stg_generic__control_order_state') }} as orders
        on invoices._source = orders._source and invoices.order_id = orders.order_id
    left join {{ ref('stg_generic__control_account') }} as accounts
        on invoices._source = accounts._source and invoices.account_id = accounts.account_id
    where not invoices.is_gone
)

select * from final
