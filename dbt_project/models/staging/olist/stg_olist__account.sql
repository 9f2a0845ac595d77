with

customers as (
    select * from {{ source('olist', 'customers') }}
),

-- a customer row belongs to one order: what it says was true when that order was placed
purchases as (
    select
        _source,
        customer_id,
        max(order_purchase_timestamp) as purchased_at
    from {{ source('olist', 'orders') }}
    where _is_live and {{ wall_clock('order_purchase_timestamp') }} is not null
    group by _source, customer_id
),

final as (
    select
        customers.customer_unique_id as account_id,
        cast(null as string) as name,
        'person' as account_type,
        cast(null as string) as industry,
        cast(null as string) as employee_band,
        'BR' as country,
        customers.customer_state as province,
        customers.customer_city as city,
        customers.customer_zip_code_prefix as postal_code,
        cast(null as string) as street,
        cast(null as string) as owner_user_id,
        cast(null as string) as parent_account_id,
        cast(null as string) as email,
        cast(null as string) as phone,
        cast(null as string) as tax_id,
        cast(null as string) as website,
        cast(null as string) as birth_date,
        cast(null as string) as gender,
        cast(null as string) as acquisition_channel,
        cast(null as string) as campaign_id,
        cast(null as string) as tags,
        cast(null as string) as status,
        cast(null as string) as created_at,
        purchases.purchased_at as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        customers.customer_id as row_key,
        {{ landed_columns('customers') }}
    from customers
    left join purchases
        on customers._source = purchases._source
        and customers.customer_id = purchases.customer_id
)

select * from final
