-- The lines of orders. An order whose lines the connector does not land is one line of its total.
with

itemised as (
    select distinct
        _source,
        order_id
    from {{ source('salesforce', 'order_item') }}
    where _is_live and order_id is not null
),

totals as (
    select
        orders.*,
        {{ utc_text(salesforce_updated_at('orders')) }} as updated_at,
        {{ gone_text('orders') }} as is_gone
    from {{ source('salesforce', 'order') }} as orders
    left join itemised
        on orders._source = itemised._source and orders.id = itemised.order_id
    where itemised.order_id is null and orders.total_amount is not null
),

final as (
    select
        items.id as order_line_id,
        items.order_id,
        items.product_2_id as product_id,
        items.quantity,
        items.unit_price,
        cast(null as string) as discount_amount,
        cast(null as string) as tax_amount,
        cast(null as string) as unit_cost,
        cast(null as string) as shipping_amount,
        {{ utc_text(salesforce_updated_at('items')) }} as source_updated_at,
        {{ gone_text('items') }} as is_deleted,
        cast(null as string) as is_test,
        items.id as row_key,
        {{ landed_columns('items') }}
    from {{ source('salesforce', 'order_item') }} as items
    union all
    select
        'total-' || id as order_line_id,
        id as order_id,
        cast(null as string) as product_id,
        '1' as quantity,
        total_amount as unit_price,
        cast(null as string) as discount_amount,
        cast(null as string) as tax_amount,
        cast(null as string) as unit_cost,
        cast(null as string) as shipping_amount,
        updated_at as source_updated_at,
        is_gone as is_deleted,
        cast(null as string) as is_test,
        'total-' || id as row_key,
        {{ derived_columns() }}
    from totals
)

select * from final
