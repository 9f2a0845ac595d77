-- One row per landed payment. It counts whatever became of its order, unless that was deleted or a test: it is money
-- that was received.
{{ config(materialized='table') }}
with

payments as (
    {{ newest_landed('payment', ['payment_id']) }}
),

final as (
    select
        'payments' as metric,
        payments.payment_id as document,
        coalesce({{ local_date(instant_of('payments.paid_at', 'zone')) }}, orders.ordered_on) as occurred_on,
        coalesce(payments.currency, orders.currency) as currency,
        cast({{ guarded('money', 'payments.amount', 'payments._decimal_mark') }} as decimal(38, 12)) as amount,
        case
            when {{ says_yes('payments.is_deleted') }} or orders.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('payments.is_test') }} or orders.exclusion = 'test' or accounts.is_test then 'test'
        end as exclusion,
        {{ landed_row('payments') }}
    from payments
    {{ zone_of('payments.paid_at', 'zone', 'payments') }}
    left join {{ ref('stg_generic__control_order_state') }} as orders
        on payments._source = orders._source and payments.order_id = orders.order_id
    left join {{ ref('stg_generic__control_account') }} as accounts
        on payments._source = accounts._source and payments.account_id = accounts.account_id
    where not payments.is_gone
)

select * from final
