-- One row per return of an order line that is not deleted, nor its line, nor its order.
with

lines as (
    select * from {{ ref('fct_order_lines') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

valued as (
    select
        returns.source,
        returns.return_id,
        lines.order_line_key,
        lines.order_key,
        lines.product,
        lines.product_line,
        orders.customer_number,
        {{ local_date('returns.returned_at') }} as returned_on,
        {{ shipped_on('orders') }} as shipped_on,
        returns.quantity,
        lines.currency,
        coalesce(
            returns.amount, {{ worth_of_part('returns.quantity', 'lines.quantity', 'lines.revenue_transaction') }}
        ) as amount_transaction,
        returns.amount is null as is_valued_by_line,
        coalesce(returns.reason, '(unknown)') as reason,
        coalesce(returns.carrier, '(unknown)') as carrier,
        orders.country,
        orders.province,
        orders.channel,
        case when returns.is_test then 'test' else lines.exclusion end as exclusion,
        returns.batch_id,
        returns.row_number
    from {{ ref('int_return_line') }} as returns
    inner join lines
        on returns.source = lines.source and returns.order_line_id = lines.order_line_id
    inner join orders on lines.order_key = orders.order_key
),

final as (
    select
        {{ surrogate_key(['valued.source', 'valued.return_id']) }} as return_key,
        valued.source,
        valued.return_id,
        valued.order_line_key,
        valued.order_key,
        valued.product,
        valued.product_line,
        valued.customer_number,
        valued.returned_on,
        valued.shipped_on,
        valued.quantity,
        valued.currency,
        rates.rate as exchange_rate,
        valued.amount_transaction,
        {{ converted('valued.amount_transaction', 'rates.rate') }} as amount,
        valued.is_valued_by_line,
        valued.reason,
        valued.carrier,
        valued.country,
        valued.province,
        valued.channel,
        valued.exclusion,
        valued.batch_id,
        valued.row_number
    from valued
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on valued.currency = rates.from_currency
        and valued.returned_on >= rates.valid_from
        and valued.returned_on < rates.valid_to
)

select * from final
