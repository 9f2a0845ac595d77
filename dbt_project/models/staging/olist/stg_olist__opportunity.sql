with

final as (
    select
        mql_id as opportunity_id,
        cast(null as string) as account_id,
        mql_id as lead_id,
        sr_id as owner_user_id,
        cast(null as string) as name,
        'sellers' as pipeline,
        'won' as stage,
        cast(null as string) as amount,
        cast(null as string) as currency,
        cast(null as string) as probability,
        cast(null as string) as expected_close_on,
        won_date as created_at,
        won_date as closed_at,
        'won' as outcome,
        cast(null as string) as lost_reason,
        cast(null as string) as channel,
        cast(null as string) as campaign_id,
        cast(null as string) as competitor,
        cast(null as string) as product_id,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        mql_id as row_key,
        {{ landed_columns() }}
    from {{ source('olist', 'closed_deals') }}
)

select * from final
