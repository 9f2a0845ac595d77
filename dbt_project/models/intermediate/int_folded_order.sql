-- One row per order of a person whose region too few persons order from: it is shown as `(other)`.
with

placed as (
    select
        orders.source,
        orders.order_id,
        accounts.customer_number,
        orders.status,
        orders.is_test or coalesce(accounts.is_test, false) as is_test_order,
        {{ order_place('country', 'orders', 'customers') }} as country,
        {{ order_place('province', 'orders', 'customers') }} as province
    from {{ ref('int_order') }} as orders
    inner join {{ ref('int_customer_account') }} as accounts
        on orders.source = accounts.source and orders.account_id = accounts.account_id
    inner join {{ ref('int_customer') }} as customers
        on accounts.customer_number = customers.customer_number
        and orders.ordered_at >= customers.valid_from
        and orders.ordered_at < customers.valid_to
    where customers.is_person
),

orders as (
    select
        source,
        order_id,
        customer_number,
        'order_region' as segment_kind,
        {{ region('country', 'province') }} as segment,
        {{ exclusion('is_test_order', 'status') }} is null as is_counted
    from placed
),

uses as (
    select distinct
        customer_number,
        segment_kind,
        segment,
        'known' as used_in
    from orders
    union all
    select distinct
        customer_number,
        segment_kind,
        segment,
        'ordered' as used_in
    from orders
    where is_counted
),

{{ folding('uses', var('min_group')) }},

final as (
    select
        orders.source,
        orders.order_id
    from orders
    inner join folded on orders.customer_number = folded.customer_number and orders.segment = folded.segment
)

select * from final
