-- One row per payment. Where a source does not say when, the instant of the order stands in.
with

payments as (
    select * from {{ ref('int_payment') }}
),

orders as (
    select * from {{ ref('int_order') }}
),

-- an order that was deleted takes its payments with it
deleted_orders as (
    select distinct
        _source as source,
        order_id
    from {{ ref('int_order_rows') }}
    where disposition = 'deleted'
),

dated as (
    select
        payments.source,
        payments.payment_id,
        payments.order_id,
        payments.invoice_id,
        coalesce(payments.account_id, orders.account_id) as account_id,
        coalesce(payments.paid_at, orders.ordered_at) as paid_at,
        payments.paid_at is null as is_dated_by_order,
        payments.amount,
        coalesce(payments.currency, orders.currency, payments.default_currency) as currency,
        coalesce(payments.method, '(unknown)') as method,
        payments.is_test or coalesce(orders.is_test, false) as is_test,
        payments.batch_id,
        payments.row_number
    from payments
    left join orders
        on payments.source = orders.source and payments.order_id = orders.order_id
    left join deleted_orders
        on payments.source = deleted_orders.source and payments.order_id = deleted_orders.order_id
    where deleted_orders.order_id is null
),

attributed as (
    select
        dated.*,
        {{ local_date('dated.paid_at') }} as paid_on,
        accounts.customer_number,
        dated.is_test or coalesce(accounts.is_test, false) as is_test_payment
    from dated
    left join {{ ref('int_customer_account') }} as accounts
        on dated.source = accounts.source and dated.account_id = accounts.account_id
),

final as (
    select
        {{ surrogate_key(['attributed.source', 'attributed.payment_id']) }} as payment_key,
        attributed.source,
        attributed.payment_id,
        case
            when attributed.order_id is not null
                then {{ surrogate_key(['attributed.source', 'attributed.order_id']) }}
        end as order_key,
        attributed.order_id,
        attributed.invoice_id,
        attributed.customer_number,
        attributed.paid_at,
        attributed.paid_on,
        attributed.is_dated_by_order,
        attributed.method,
        attributed.currency,
        rates.rate as exchange_rate,
        attributed.amount as amount_transaction,
        {{ converted('attributed.amount', 'rates.rate') }} as amount,
        case when attributed.is_test_payment then 'test' end as exclusion,
        attributed.batch_id,
        attributed.row_number
    from attributed
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on attributed.currency = rates.from_currency
        and attributed.paid_on >= rates.valid_from
        and attributed.paid_on < rates.valid_to
)

select * from final
