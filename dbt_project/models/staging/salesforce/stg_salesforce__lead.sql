with

final as (
    select
        leads.id as lead_id,
        {{ utc_text('leads.created_date') }} as created_at,
        leads.lead_source as channel,
        cast(null as string) as campaign_id,
        leads.owner_id as owner_user_id,
        -- companies name their own; of those that Salesforce does not bring, nothing is known
        case
            when {{ says_yes('leads.is_converted') }} then 'converted'
            when lower(leads.status) in ('new', 'open', 'open - not contacted') then 'new'
            when lower(leads.status) in ('working', 'contacted', 'working - contacted') then 'working'
            when lower(leads.status) = 'qualified' then 'qualified'
            when lower(leads.status) in ('unqualified', 'disqualified', 'closed - not converted') then 'disqualified'
        end as status,
        leads.name,
        leads.company,
        leads.email,
        leads.phone,
        cast(null as string) as first_response_at,
        cast(null as string) as qualified_at,
        {{ day_text('leads.converted_date') }} as converted_at,
        leads.converted_account_id as account_id,
        leads.converted_opportunity_id as opportunity_id,
        {{ utc_text(salesforce_updated_at('leads')) }} as source_updated_at,
        {{ gone_text('leads') }} as is_deleted,
        cast(null as string) as is_test,
        leads.id as row_key,
        {{ landed_columns('leads') }}
    from {{ source('salesforce', 'lead') }} as leads
)

select * from final
