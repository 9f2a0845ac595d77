with

-- whoever is not an agent writes as a customer
people as (
    select * from {{ ref('stg_zendesk__person') }} where not is_agent
),

organizations as (
    select distinct
        _source,
        id
    from {{ source('zendesk', 'organization') }}
    where _is_live and id is not null
),

final as (
    select
        people.id as contact_id,
        case
            when organizations.id is not null then 'organization-' || organizations.id
            else 'person-' || people.id
        end as account_id,
        people.name,
        people.email,
        people.phone,
        cast(null as string) as job_title,
        cast(null as string) as do_not_contact,
        {{ utc_text('people.created_at') }} as created_at,
        {{ utc_text('people.updated_at') }} as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        people.id as row_key,
        {{ landed_columns('people') }}
    from people
    left join organizations
        on people._source = organizations._source
        and people.newest_organization_id = organizations.id
)

select * from final
