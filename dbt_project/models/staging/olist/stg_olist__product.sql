with

products as (
    select * from {{ source('olist', 'products') }}
),

english as (
    select
        _source,
        product_category_name as category,
        min(product_category_name_english) as name
    from {{ source('olist', 'product_category_name_translation') }}
    where _is_live
    group by _source, product_category_name
),

final as (
    select
        products.product_id,
        cast(null as string) as name,
        coalesce(english.name, products.product_category_name) as product_line,
        products.product_category_name as category,
        cast(null as string) as list_price,
        cast(null as string) as unit_cost,
        cast(null as string) as currency,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        products.product_id as row_key,
        {{ landed_columns('products') }}
    from products
    left join english
        on products._source = english._source
        and products.product_category_name = english.category
)

select * from final
