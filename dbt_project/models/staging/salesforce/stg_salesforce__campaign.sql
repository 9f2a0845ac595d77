with

final as (
    select
        campaigns.id as campaign_id,
        campaigns.name,
        campaigns.type as channel,
        campaigns.type as kind,
        {{ day_text('campaigns.start_date') }} as starts_on,
        {{ day_text('campaigns.end_date') }} as ends_on,
        campaigns.budgeted_cost as budget,
        campaigns.currency_iso_code as currency,
        campaigns.owner_id as owner_user_id,
        campaigns.status,
        cast(null as string) as holdout_share,
        {{ utc_text(salesforce_updated_at('campaigns')) }} as source_updated_at,
        {{ gone_text('campaigns') }} as is_deleted,
        cast(null as string) as is_test,
        campaigns.id as row_key,
        {{ landed_columns('campaigns') }}
    from {{ source('salesforce', 'campaign') }} as campaigns
)

select * from final
