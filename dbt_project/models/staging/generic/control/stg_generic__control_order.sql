-- One row per landed order that speaks: its day, and why it does not count. A gone one is here for what hangs on it.
{{ config(materialized='table') }}
with

orders as (
    {{ newest_landed('order', ['order_id']) }}
),

final as (
    select
        {{ landed_row('orders') }},
        orders.order_id,
        orders.account_id,
        orders.is_gone,
        {{ local_date(instant_of('orders.ordered_at', 'zone')) }} as ordered_on,
        orders.currency,
        {{ guarded('money', 'orders.shipping_amount', 'orders._decimal_mark') }} as shipping,
        case
            when orders.is_gone or {{ says_yes('orders.is_deleted') }} then 'deleted'
            when {{ says_yes('orders.is_test') }} or accounts.is_test then 'test'
            when orders.status in ('cancelled', 'unavailable', 'draft') then orders.status
        end as exclusion
    from orders
    {{ zone_of('orders.ordered_at', 'zone', 'orders') }}
    left join {{ ref('stg_generic__control_account') }} as accounts
        on orders._source = accounts._source and orders.account_id = accounts.account_id
)

select * from final
