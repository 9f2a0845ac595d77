-- One row per product and span of time in which its line, category, price and cost did not change.
with

current_products as (
    select
        source,
        product_id
    from {{ ref('int_product') }}
),

versions as (
    select
        {{ surrogate_key(['landed._source', 'landed.product_id']) }} as product_number,
        landed._source as source,
        landed.product_id,
        coalesce(landed.source_updated_at, landed._landed_at) as valid_from,
        landed.name,
        landed.product_line,
        landed.category,
        landed.list_price,
        landed.unit_cost,
        coalesce(landed.currency, landed._currency) as currency,
        row_number() over (
            partition by landed._source, landed.product_id, coalesce(landed.source_updated_at, landed._landed_at)
            order by
                landed._batch_number desc nulls last, landed.row_key asc nulls last, landed._row_number asc nulls last
        ) as position
    from {{ ref('int_product_rows') }} as landed
    where landed.is_sound and landed.disposition <> 'quarantined'
),

{{ history('versions', 'product_number', ['source', 'product_id', 'name', 'product_line', 'category', 'list_price',
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
