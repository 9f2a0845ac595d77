with

final as (
    select
        deals.id as opportunity_id,
        deals.account_id,
        cast(null as string) as lead_id,
        deals.owner_id as owner_user_id,
        deals.name,
        'opportunities' as pipeline,
        deals.stage_name as stage,
        deals.amount,
        deals.currency_iso_code as currency,
        {{ from_percent('deals.probability') }} as probability,
        {{ day_text('deals.close_date') }} as expected_close_on,
        {{ utc_text('deals.created_date') }} as created_at,
        case when {{ says_yes('deals.is_closed') }} then {{ day_text('deals.close_date') }} end as closed_at,
        case
            when {{ says_yes('deals.is_won') }} then 'won'
            when {{ says_yes('deals.is_closed') }} then 'lost'
            else 'open'
        end as outcome,
        cast(null as string) as lost_reason,
        deals.lead_source as channel,
        deals.campaign_id,
        cast(null as string) as competitor,
        cast(null as string) as product_id,
        {{ utc_text(salesforce_updated_at('deals')) }} as source_updated_at,
        {{ gone_text('deals') }} as is_deleted,
        cast(null as string) as is_test,
        deals.id as row_key,
        {{ landed_columns('deals') }}
    from {{ source('salesforce', 'opportunity') }} as deals
)

select * from final
