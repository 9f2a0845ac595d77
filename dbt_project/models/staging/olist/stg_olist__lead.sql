with

final as (
    select
        mql_id as lead_id,
        first_contact_date as created_at,
        origin as channel,
        landing_page_id as campaign_id,
        cast(null as varchar) as owner_user_id,
        cast(null as varchar) as status,
        cast(null as varchar) as name,
        cast(null as varchar) as company,
        cast(null as varchar) as email,
        cast(null as varchar) as phone,
        cast(null as varchar) as first_response_at,
        cast(null as varchar) as qualified_at,
        cast(null as varchar) as converted_at,
        cast(null as varchar) as account_id,
        cast(null as varchar) as opportunity_id,
        cast(null as varchar) as source_updated_at,
        cast(null as varchar) as is_deleted,
        cast(null as varchar) as is_test,
        mql_id as row_key,
        {{ landed_columns() }}
    from {{ source('olist', 'marketing_qualified_leads') }}
)

select * from final
