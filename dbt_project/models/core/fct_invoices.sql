-- One row per invoice that is not deleted, with what was paid of it up to as_of. A payment belongs to the invoice that
-- it names or, where it names none, to the only one of its order.
with

orders as (
    select * from {{ ref('fct_orders') }}
),

-- an order that was deleted takes its invoices with it
deleted_orders as (
    select distinct
        _source as source,
        order_id
    from {{ ref('int_order_rows') }}
    where disposition = 'deleted'
),

invoices as (
    select
        invoices.*,
        orders.order_key,
        coalesce(invoices.account_id, orders.account_id) as person_account_id,
        -- nobody owes before there is an invoice
        greatest(coalesce(invoices.due_on, invoices.issued_on), invoices.issued_on) as effective_due_on,
        coalesce(invoices.currency, orders.currency, invoices.default_currency) as invoice_currency,
        invoices.is_test or coalesce(orders.is_test, false) as is_test_invoice
    from {{ ref('int_invoice') }} as invoices
    left join orders
        on invoices.source = orders.source and invoices.order_id = orders.order_id
    left join deleted_orders
        on invoices.source = deleted_orders.source and invoices.order_id = deleted_orders.order_id
    where deleted_orders.order_id is null
),

booked as (
    select
        invoices.*,
        accounts.customer_number,
        rates.rate as exchange_rate,
        {{ converted('invoices.amount', 'rates.rate') }} as due,
        case
            when invoices.is_test_invoice or coalesce(accounts.is_test, false) then 'test'
            when lower(trim(invoices.status)) in ('cancelled', 'canceled', 'void', 'voided') then 'cancelled'
            when lower(trim(invoices.status)) = 'draft' then 'draft'
        end as exclusion
    from invoices
    left join {{ ref('int_customer_account') }} as accounts
        on invoices.source = accounts.source and invoices.person_account_id = accounts.account_id
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on invoices.invoice_currency = rates.from_currency
        and invoices.issued_on >= rates.valid_from
        and invoices.issued_on < rates.valid_to
),

only_invoices as (
    select
        source,
        order_id,
        min(invoice_id) as invoice_id
    from booked
    where exclusion is null and order_id is not null
    group by source, order_id
    having count(*) = 1
),

-- (the order is looked up where it is needed only: a condition on one side of an outer join would compare every payment
-- with every invoice)
loose as (
    select
        *,
        case when invoice_id is null then order_id end as loose_order_id
    from {{ ref('fct_payments') }}
    where exclusion is null and paid_at < {{ as_of() }}
),

payments as (
    select
        payments.source,
        coalesce(payments.invoice_id, only_invoices.invoice_id) as invoice_id,
        payments.payment_id,
        payments.paid_at,
        payments.paid_on,
        payments.currency,
        payments.amount_transaction,
        payments.amount
    from loose as payments
    left join only_invoices
        on payments.source = only_invoices.source and payments.loose_order_id = only_invoices.order_id
),

-- the invoice's own currency is converted at the invoice's rate, so that what is due and what is paid do not differ by
-- an exchange rate; another currency is worth what was received
applied as (
    select
        booked.source,
        booked.invoice_id,
        booked.due,
        booked.exchange_rate,
        payments.payment_id,
        payments.paid_at,
        payments.paid_on,
        case when payments.currency = booked.invoice_currency then payments.amount_transaction else 0 end
            as own_currency,
        case when payments.currency = booked.invoice_currency then 0 else payments.amount end as other_currency
    from booked
    inner join payments
        on booked.source = payments.source and booked.invoice_id = payments.invoice_id
),

summed as (
    select
        source,
        invoice_id,
        due,
        exchange_rate,
        payment_id,
        paid_at,
        paid_on,
        cast(sum(own_currency) over running as decimal(18, 2)) as own_currency,
        cast(sum(other_currency) over running as decimal(38, 2)) as other_currency,
        row_number() over (
            partition by source, invoice_id order by paid_at desc nulls last, payment_id desc nulls last
        ) = 1 as is_last
    from applied
    window running as (
        partition by source, invoice_id order by paid_at asc nulls last, payment_id asc nulls last
        rows between unbounded preceding and current row
    )
),

running as (
    select
        source,
        invoice_id,
        paid_on,
        is_last,
        due,
        {{ converted('own_currency', 'exchange_rate') }} + other_currency as paid
    from summed
),

-- a credit note is settled by paying out, which makes its sum fall
settled as (
    select
        source,
        invoice_id,
        max(paid) filter (where is_last) as paid,
        case
            when bool_or(is_last and ((due >= 0 and paid >= due) or (due < 0 and paid <= due)))
                then min(paid_on) filter (where (due >= 0 and paid >= due) or (due < 0 and paid <= due))
        end as paid_until
    from running
    group by source, invoice_id
),

dated as (
    select
        booked.*,
        coalesce(settled.paid, {{ cents(0) }}) as paid_amount,
        case
            -- nothing is owed of an invoice over nothing
            when booked.due = 0 and settled.invoice_id is null then booked.issued_on
            else settled.paid_until
        end as paid_until
    from booked
    left join settled
        on booked.source = settled.source and booked.invoice_id = settled.invoice_id
),

final as (
    select
        {{ surrogate_key(['source', 'invoice_id']) }} as invoice_key,
        source,
        invoice_id,
        order_key,
        order_id,
        customer_number,
        issued_on,
        effective_due_on as due_on,
        status,
        invoice_currency as currency,
        exchange_rate,
        amount as amount_transaction,
        due as amount,
        paid_amount,
        paid_until,
        cast(
            {{ days_between('effective_due_on', 'coalesce(paid_until, ' ~ plus_days(as_of_date(), -1) ~ ')') }}
            as bigint
        ) as days_late,
        exclusion,
        batch_id,
        row_number
    from dated
)

select * from final
