with

final as (
    select
        order_id || '-' || order_item_id as order_line_id,
        order_id,
        product_id,
        case when price is not null then '1' end as quantity,
        price as unit_price,
        cast(null as string) as discount_amount,
        cast(null as string) as tax_amount,
        cast(null as string) as unit_cost,
        freight_value as shipping_amount,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        order_id || '-' || order_item_id as row_key,
        {{ landed_columns() }}
    from {{ source('olist', 'order_items') }}
)

select * from final
