with

final as (
    select
        products.id as product_id,
        products.name,
        products.family as product_line,
        products.product_code as category,
        cast(null as string) as list_price,
        cast(null as string) as unit_cost,
        cast(null as string) as currency,
        {{ utc_text(salesforce_updated_at('products')) }} as source_updated_at,
        {{ gone_text('products') }} as is_deleted,
        cast(null as string) as is_test,
        products.id as row_key,
        {{ landed_columns('products') }}
    from {{ source('salesforce', 'product_2') }} as products
)

select * from final
