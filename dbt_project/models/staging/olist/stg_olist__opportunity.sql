with

final as (
    select
        mql_id as opportunity_id,
        cast(null as varchar) as account_id,
        mql_id as lead_id,
        sr_id as owner_user_id,
        cast(null as varchar) as name,
        'sellers' as pipeline,
        'won' as stage,
        cast(null as varchar) as amount,
        cast(null as varchar) as currency,
        cast(null as varchar) as probability,
        cast(null as varchar) as expected_close_on,
        won_date as created_at,
        won_date as closed_at,
        'won' as outcome,
        cast(null as varchar) as lost_reason,
        cast(null as varchar) as channel,
        cast(null as varchar) as campaign_id,
        cast(null as varchar) as competitor,
        cast(null as varchar) as product_id,
        cast(null as varchar) as source_updated_at,
        cast(null as varchar) as is_deleted,
        cast(null as varchar) as is_test,
        mql_id as row_key,
        {{ landed_columns() }}
    from {{ source('olist', 'closed_deals') }}
)

select * from final
