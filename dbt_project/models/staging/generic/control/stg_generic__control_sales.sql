-- One row per landed order or line of an order and figure it contributes.
with

orders as (
    select * from {{ ref('stg_generic__control_order') }}
    where not is_gone
),

lines as (
    select * from {{ ref('stg_generic__control_order_line') }}
    where not is_gone
),

final as (
    select
        'orders' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(1 as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('orders') }}
    from orders
    union all
    select
        'shipping' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(shipping as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('orders') }}
    from orders
    union all
    select
        'revenue' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(worth as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('lines') }}
    from lines
    union all
    select
        'units' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(units as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('lines') }}
    from lines
    union all
    select
        'shipping' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(shipping as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('lines') }}
    from lines
)

select * from final
