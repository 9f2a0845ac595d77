-- Customers are organizations, and the persons who write and belong to none that is known.
with

organizations as (
    select distinct
        _source,
        id
    from {{ source('zendesk', 'organization') }}
    where _is_live and id is not null
),

persons as (
    select people.*
    from {{ ref('stg_zendesk__person') }} as people
    left join organizations
        on people._source = organizations._source
        and people.newest_organization_id = organizations.id
    where not people.is_agent and organizations.id is null
),

final as (
    select
        'organization-' || id as account_id,
        name,
        'organisation' as account_type,
        cast(null as string) as industry,
        cast(null as string) as employee_band,
        cast(null as string) as country,
        cast(null as string) as province,
        cast(null as string) as city,
        cast(null as string) as postal_code,
        cast(null as string) as street,
        cast(null as string) as owner_user_id,
        cast(null as string) as parent_account_id,
        cast(null as string) as email,
        cast(null as string) as phone,
        cast(null as string) as tax_id,
        cast(null as string) as website,
        cast(null as string) as birth_date,
        cast(null as string) as gender,
        cast(null as string) as acquisition_channel,
        cast(null as string) as campaign_id,
        cast(null as string) as tags,
        cast(null as string) as status,
        {{ utc_text('created_at') }} as created_at,
        {{ utc_text('updated_at') }} as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        'organization-' || id as row_key,
        {{ landed_columns() }}
    from {{ source('zendesk', 'organization') }}
    union all
    select
        'person-' || id as account_id,
        name,
        'person' as account_type,
        cast(null as string) as industry,
        cast(null as string) as employee_band,
        cast(null as string) as country,
        cast(null as string) as province,
        cast(null as string) as city,
        cast(null as string) as postal_code,
        cast(null as string) as street,
        cast(null as string) as owner_user_id,
        cast(null as string) as parent_account_id,
        email,
        phone,
        cast(null as string) as tax_id,
        cast(null as string) as website,
        cast(null as string) as birth_date,
        cast(null as string) as gender,
        cast(null as string) as acquisition_channel,
        cast(null as string) as campaign_id,
        cast(null as string) as tags,
        cast(null as string) as status,
        {{ utc_text('created_at') }} as created_at,
        {{ utc_text('updated_at') }} as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        'person-' || id as row_key,
        {{ derived_columns() }}
    from persons
)

select * from final
