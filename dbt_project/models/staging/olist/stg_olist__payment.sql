with

final as (
    select
        order_id || '-' || payment_sequential as payment_id,
        order_id,
        cast(null as varchar) as invoice_id,
        cast(null as varchar) as account_id,
        cast(null as varchar) as paid_at,
        payment_value as amount,
        cast(null as varchar) as currency,
        payment_type as method,
        cast(null as varchar) as source_updated_at,
        cast(null as varchar) as is_deleted,
        cast(null as varchar) as is_test,
        order_id || '-' || payment_sequential as row_key,
        {{ landed_columns() }}
    from {{ source('olist', 'order_payments') }}
)

select * from final
