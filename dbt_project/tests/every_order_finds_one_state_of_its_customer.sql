-- An order whose customer had no state, or two, when it was placed would be in no region, or in two.
{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

select
    orders.order_key,
    count(customers.customer_key) as states
from {{ ref('fct_orders') }} as orders
left join {{ ref('dim_customer') }} as customers
    on orders.customer_number = customers.customer_number
    and orders.ordered_at >= customers.valid_from
    and orders.ordered_at < customers.valid_to
group by orders.order_key
having count(customers.customer_key) <> 1
