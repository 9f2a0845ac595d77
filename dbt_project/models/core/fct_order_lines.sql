-- One row per order line of an order that is not deleted; figures are additive over lines.
with

lines as (
    select * from {{ ref('int_order_line') }}
),

orders as (
    select
        *,
        {{ local_date('ordered_at') }} as ordered_on,
        coalesce(currency, default_currency) as order_currency
    from {{ ref('int_order') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

rates as (
    select * from {{ ref('int_exchange_rate_spans') }}
),

accounts as (
    select * from {{ ref('int_account_keys') }}
),

priced as (
    select
        lines.source,
        lines.order_line_id,
        lines.order_id,
        lines.product_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.status,
        orders.order_currency as currency,
        order_rates.rate as exchange_rate,
        coalesce(products.product_line, '(unknown)') as product_line,
        coalesce(products.category, '(unknown)') as category,
        coalesce(products.product_id, '(unknown)') as product,
        lines.quantity,
        lines.unit_price,
        coalesce(lines.discount_amount, 0) as discount_amount,
        coalesce(lines.tax_amount, 0) as tax_amount,
        coalesce(lines.shipping_amount, 0) as shipping_amount,
        coalesce(lines.unit_cost, products.unit_cost) as unit_cost,
        case when lines.unit_cost is not null then order_rates.rate else product_rates.rate end as cost_rate,
        lines.is_test or orders.is_test or coalesce(accounts.is_test, false) as is_test,
        lines.batch_id,
        lines.row_number
    from lines
    inner join orders
        on lines.source = orders.source and lines.order_id = orders.order_id
    left join products
        on lines.source = products.source
        and lines.product_id = products.product_id
        and orders.ordered_at >= products.valid_from
        and orders.ordered_at < products.valid_to
    left join rates as order_rates
        on orders.order_currency = order_rates.from_currency
        and orders.ordered_on >= order_rates.valid_from
        and orders.ordered_on < order_rates.valid_to
    left join rates as product_rates
        on products.currency = product_rates.from_currency
        and orders.ordered_on >= product_rates.valid_from
        and orders.ordered_on < product_rates.valid_to
    left join accounts
        on orders.source = accounts.source and orders.account_id = accounts.account_id
),

valued as (
    select
        *,
        cast({{ product('quantity', 'unit_price') }} - discount_amount as decimal(19, 4)) as revenue_transaction,
        cast({{ product('quantity', 'unit_cost') }} as decimal(19, 4)) as cost_own_currency,
        {{ exclusion('is_test', 'status') }} as exclusion
    from priced
),

-- four decimals times the eight of the rate: exact
converted as (
    select
        *,
        cast(revenue_transaction * exchange_rate as decimal(38, 12)) as revenue_exact,
        cast(cast(shipping_amount as decimal(19, 4)) * exchange_rate as decimal(38, 12)) as shipping_exact,
        cast(cost_own_currency * cost_rate as decimal(38, 12)) as cost_exact
    from valued
),

-- the order is rounded, not the line; what is excluded from it is a document of its own
booked as (
    select
        *,
        {{ cents_of_row('revenue_exact', ['source', 'order_id', 'exclusion'], 'order_line_id') }} as revenue,
        {{ cents_of_row('shipping_exact', ['source', 'order_id', 'exclusion'], 'order_line_id') }} as shipping,
        {{ cents_of_row('cost_exact', ['source', 'order_id', 'exclusion'], 'order_line_id') }} as cost
    from converted
),

final as (
    select
        {{ surrogate_key(['source', 'order_line_id']) }} as order_line_key,
        {{ surrogate_key(['source', 'order_id']) }} as order_key,
        source,
        order_line_id,
        order_id,
        product_id,
        product,
        product_line,
        category,
        ordered_at,
        ordered_on,
        status,
        currency,
        exchange_rate,
        quantity,
        unit_price,
        discount_amount,
        tax_amount,
        revenue_transaction,
        revenue_exact,
        revenue,
        shipping,
        unit_cost,
        cost,
        is_test,
        exclusion,
        batch_id,
        row_number
    from booked
)

select * from final
