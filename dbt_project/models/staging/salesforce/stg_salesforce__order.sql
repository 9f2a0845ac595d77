with

itemised as (
    select distinct
        _source,
        order_id
    from {{ source('salesforce', 'order_item') }}
    where _is_live and order_id is not null
),

final as (
    select
        orders.id as order_id,
        orders.account_id,
        orders.opportunity_id,
        orders.owner_id as owner_user_id,
        {{ day_text('orders.effective_date') }} as ordered_at,
        case coalesce(orders.status_code, orders.status)
            when 'Draft' then 'draft'
            when 'Activated' then 'confirmed'
            when 'Canceled' then 'cancelled'
            when 'Cancelled' then 'cancelled'
            else coalesce(orders.status_code, orders.status)
        end as status,
        orders.status as source_status,
        cast(null as string) as shipped_at,
        cast(null as string) as promised_at,
        cast(null as string) as delivered_at,
        orders.currency_iso_code as currency,
        cast(null as string) as channel,
        cast(null as string) as campaign_id,
        orders.billing_country as country,
        orders.billing_state as province,
        -- an order whose lines are not landed is worth its total: one that cannot be read keeps the order out, too
        case
            when
                itemised.order_id is null
                and {{ guarded('quantity', 'orders.total_amount', 'orders._decimal_mark') }} is null
                then orders.total_amount || ' total'
        end as shipping_amount,
        {{ utc_text(salesforce_updated_at('orders')) }} as source_updated_at,
        {{ gone_text('orders') }} as is_deleted,
        cast(null as string) as is_test,
        orders.id as row_key,
        {{ landed_columns('orders') }}
    from {{ source('salesforce', 'order') }} as orders
    left join itemised
        on orders._source = itemised._source and orders.id = itemised.order_id
)

select * from final
