with

final as (
    select
        mql_id as lead_id,
        first_contact_date as created_at,
        origin as channel,
        landing_page_id as campaign_id,
        cast(null as string) as owner_user_id,
        cast(null as string) as status,
        cast(null as string) as name,
        cast(null as string) as company,
        cast(null as string) as email,
        cast(null as string) as phone,
        cast(null as string) as first_response_at,
        cast(null as string) as qualified_at,
        cast(null as string) as converted_at,
        cast(null as string) as account_id,
        cast(null as string) as opportunity_id,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        mql_id as row_key,
        {{ landed_columns() }}
    from {{ source('olist', 'marketing_qualified_leads') }}
)

select * from final
