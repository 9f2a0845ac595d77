-- One row per product and span of time in which its line, category, price and cost did not change.
with

current_products as (
    select
        source,
        product_id
    from {{ ref('int_product') }}
),

landed as (
    select
        {{ surrogate_key(['_source', 'product_id']) }} as product_number,
        _source as source,
        product_id,
        name,
        product_line,
        category,
        list_price,
        unit_cost,
        coalesce(currency, _currency) as currency,
        source_updated_at,
        _landed_at,
        _batch_number,
        row_key,
        _row_number
    from {{ ref('int_product_rows') }}
    where is_sound and disposition <> 'quarantined'
),

{{ history('landed', 'product_number', ['source', 'product_id', 'name', 'product_line', 'category', 'list_price',
    'unit_cost', 'currency']) }},

final as (
    select
        {{ surrogate_key(['spans.product_number', 'spans.valid_from']) }} as product_key,
        spans.source,
        spans.product_id,
        spans.valid_from,
        spans.valid_to,
        spans.is_current,
        spans.name as product_name,
        coalesce(spans.product_line, '(unknown)') as product_line,
        coalesce(spans.category, '(unknown)') as category,
        spans.list_price,
        spans.unit_cost,
        spans.currency,
        current_products.product_id is null as is_deleted
    from spans
    left join current_products
        on spans.source = current_products.source and spans.product_id = current_products.product_id
)

select * from final
