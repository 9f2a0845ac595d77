with

orders as (
    select * from {{ source('olist', 'orders') }}
),

-- one row per customer_id; where the source contradicts itself the person is not known
persons as (
    select
        _source,
        customer_id,
        case when min(customer_unique_id) = max(customer_unique_id) then min(customer_unique_id) end
            as customer_unique_id,
        case when min(customer_state) = max(customer_state) then min(customer_state) end as customer_state
    from {{ source('olist', 'customers') }}
    where _is_live
    group by _source, customer_id
),

final as (
    select
        orders.order_id,
        persons.customer_unique_id as account_id,
        cast(null as string) as opportunity_id,
        cast(null as string) as owner_user_id,
        orders.order_purchase_timestamp as ordered_at,
        case orders.order_status
            when 'created' then 'confirmed'
            when 'approved' then 'confirmed'
            when 'processing' then 'confirmed'
            when 'invoiced' then 'confirmed'
            when 'canceled' then 'cancelled'
            else orders.order_status
        end as status,
        orders.order_status as source_status,
        orders.order_delivered_carrier_date as shipped_at,
        orders.order_estimated_delivery_date as promised_at,
        orders.order_delivered_customer_date as delivered_at,
        cast(null as string) as currency,
        cast(null as string) as channel,
        cast(null as string) as campaign_id,
        'BR' as country,
        persons.customer_state as province,
        cast(null as string) as shipping_amount,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        orders.order_id as row_key,
        {{ landed_columns('orders') }}
    from orders
    left join persons
        on orders._source = persons._source
        and orders.customer_id = persons.customer_id
)

select * from final
