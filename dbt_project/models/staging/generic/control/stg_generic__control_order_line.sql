-- One row per landed line of an order that speaks: what it is worth, with the day and the fate of its order. A gone one
-- is here for what is returned of it.
{{ config(materialized='table') }}
with

lines as (
    {{ newest_landed('order_line', ['order_line_id']) }}
),

valued as (
    select
        lines.*,
        {{ guarded('quantity', 'lines.quantity', 'lines._decimal_mark') }} as units,
        {{ guarded('quantity', 'lines.unit_price', 'lines._decimal_mark') }} as price,
        coalesce({{ guarded('quantity', 'lines.discount_amount', 'lines._decimal_mark') }}, 0) as discount,
        {{ guarded('quantity', 'lines.shipping_amount', 'lines._decimal_mark') }} as shipping
    from lines
),

final as (
    select
        {{ landed_row('valued') }},
        valued.order_line_id,
        valued.order_id,
        valued.is_gone,
        orders.ordered_on,
        orders.currency,
        valued.units,
        case
            when abs({{ product('valued.units', 'valued.price') }} - valued.discount) < 100000000000000
                then cast({{ product('valued.units', 'valued.price') }} - valued.discount as decimal(19, 4))
        end as worth,
        valued.shipping,
        case
            when valued.is_gone or {{ says_yes('valued.is_deleted') }} or orders.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('valued.is_test') }} then 'test'
            else orders.exclusion
        end as exclusion
    from valued
    left join {{ ref('stg_generic__control_order_state') }} as orders
        on valued._source = orders._source and valued.order_id = orders.order_id
)

select * from final
