-- One row per landed order or line of an order and figure it contributes. They are not read into a CTE first: what is
-- read twice is kept in memory whole.
with

final as (
    select
        'orders' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(1 as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('orders') }}
    from {{ ref('stg_generic__control_order') }} as orders
    where not is_gone
    union all
    select
        'shipping' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(shipping as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('orders') }}
    from {{ ref('stg_generic__control_order') }} as orders
    where not is_gone
    union all
    select
        'revenue' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(worth as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('lines') }}
    from {{ ref('stg_generic__control_order_line') }} as lines
    where not is_gone
    union all
    select
        'units' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(units as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('lines') }}
    from {{ ref('stg_generic__control_order_line') }} as lines
    where not is_gone
    union all
    select
        'shipping' as metric,
        order_id as document,
        ordered_on as occurred_on,
        currency,
        cast(shipping as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('lines') }}
    from {{ ref('stg_generic__control_order_line') }} as lines
    where not is_gone
)

select * from final
