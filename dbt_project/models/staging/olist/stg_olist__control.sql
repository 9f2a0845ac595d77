-- One row per landed row and figure it contributes: what the source itself says, read off its files a second time,
-- past the models that the reconciliation checks.
with

-- an order that is landed twice is one order; one that has left the file is known from when it was there
dated_orders as (
    select
        orders.*,
        {{ local_date(instant_of('orders.order_purchase_timestamp', 'zone')) }} as ordered_on,
        max(orders._batch_number) over (partition by orders._source, orders.order_id) as newest_batch
    from {{ source('olist', 'orders') }} as orders
    {{ zone_of('orders.order_purchase_timestamp', 'zone', 'orders') }}
),

orders as (
    select
        _source,
        order_id,
        case when bool_or(_is_live) then min(order_status) else 'deleted' end as status,
        min(ordered_on) as ordered_on
    from dated_orders
    where _batch_number = newest_batch
    group by _source, order_id
),

order_rows as (
    select
        'orders' as metric,
        order_id as document,
        order_status as status,
        ordered_on as occurred_on,
        cast(1 as decimal(38, 12)) as amount,
        {{ landed_columns() }}
    from dated_orders
),

item_rows as (
    select
        'revenue' as metric,
        items.order_id as document,
        orders.status,
        orders.ordered_on as occurred_on,
        cast({{ guarded('money', 'items.price', 'items._decimal_mark') }} as decimal(38, 12)) as amount,
        {{ landed_columns('items') }}
    from {{ source('olist', 'order_items') }} as items
    left join orders on items._source = orders._source and items.order_id = orders.order_id
    union all
    select
        'shipping' as metric,
        items.order_id as document,
        orders.status,
        orders.ordered_on as occurred_on,
        cast({{ guarded('money', 'items.freight_value', 'items._decimal_mark') }} as decimal(38, 12)) as amount,
        {{ landed_columns('items') }}
    from {{ source('olist', 'order_items') }} as items
    left join orders on items._source = orders._source and items.order_id = orders.order_id
    union all
    select
        'units' as metric,
        items.order_id as document,
        orders.status,
        orders.ordered_on as occurred_on,
        cast(1 as decimal(38, 12)) as amount,
        {{ landed_columns('items') }}
    from {{ source('olist', 'order_items') }} as items
    left join orders on items._source = orders._source and items.order_id = orders.order_id
),

-- a payment counts whatever became of its order, unless that was deleted: it is money that was received
payment_rows as (
    select
        'payments' as metric,
        payments.order_id || '-' || payments.payment_sequential as document,
        case when orders.status = 'deleted' then 'deleted' end as status,
        orders.ordered_on as occurred_on,
        cast({{ guarded('money', 'payments.payment_value', 'payments._decimal_mark') }} as decimal(38, 12)) as amount,
        {{ landed_columns('payments') }}
    from {{ source('olist', 'order_payments') }} as payments
    left join orders on payments._source = orders._source and payments.order_id = orders.order_id
),

lead_rows as (
    select
        'leads' as metric,
        leads.mql_id as document,
        cast(null as string) as status,
        {{ local_date(instant_of('leads.first_contact_date', 'zone')) }} as occurred_on,
        cast(1 as decimal(38, 12)) as amount,
        {{ landed_columns('leads') }}
    from {{ source('olist', 'marketing_qualified_leads') }} as leads
    {{ zone_of('leads.first_contact_date', 'zone', 'leads') }}
),

deal_rows as (
    select
        'won' as metric,
        deals.mql_id as document,
        cast(null as string) as status,
        {{ local_date(instant_of('deals.won_date', 'zone')) }} as occurred_on,
        cast(1 as decimal(38, 12)) as amount,
        {{ landed_columns('deals') }}
    from {{ source('olist', 'closed_deals') }} as deals
    {{ zone_of('deals.won_date', 'zone', 'deals') }}
),

review_rows as (
    select
        'responses' as metric,
        reviews.review_id as document,
        case when orders.status = 'deleted' then 'deleted' end as status,
        {{ local_date(instant_of('reviews.review_answer_timestamp', 'zone')) }} as occurred_on,
        cast(1 as decimal(38, 12)) as amount,
        {{ landed_columns('reviews') }}
    from {{ source('olist', 'order_reviews') }} as reviews
    {{ zone_of('reviews.review_answer_timestamp', 'zone', 'reviews') }}
    left join orders on reviews._source = orders._source and reviews.order_id = orders.order_id
    where reviews.review_score is not null
),

contributions as (
    select * from order_rows
    union all
    select * from item_rows
    union all
    select * from payment_rows
    union all
    select * from lead_rows
    union all
    select * from deal_rows
    union all
    select * from review_rows
),

final as (
    select
        metric,
        document,
        _source as source,
        _table as source_table,
        _batch_id as batch_id,
        _row_number as row_number,
        occurred_on,
        _currency as currency,
        coalesce(amount, 0) as amount,
        case status
            when 'canceled' then 'cancelled'
            when 'unavailable' then 'unavailable'
            when 'deleted' then 'deleted'
        end as exclusion
    from contributions
    where _is_live
)

select * from final
