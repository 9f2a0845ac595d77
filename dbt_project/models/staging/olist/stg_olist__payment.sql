with

final as (
    select
        order_id || '-' || payment_sequential as payment_id,
        order_id,
        cast(null as string) as invoice_id,
        cast(null as string) as account_id,
        cast(null as string) as paid_at,
        payment_value as amount,
        cast(null as string) as currency,
        payment_type as method,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        order_id || '-' || payment_sequential as row_key,
        {{ landed_columns() }}
    from {{ source('olist', 'order_payments') }}
)

select * from final
