-- Customers are accounts. Those that are only mentioned, because the connector may not see them, are customers of whom
-- nothing is known but that they are: their orders count.
with

known as (
    select distinct
        _source,
        id
    from {{ source('salesforce', 'account') }}
    where _is_live and id is not null
),

mentions as (
    select
        rows_of.account_id,
        {{ landed_columns('rows_of') }}
    from {{ source('salesforce', 'contact') }} as rows_of
    where rows_of._is_live and rows_of.account_id is not null and not {{ is_gone('rows_of') }}
    union all
    select
        rows_of.converted_account_id as account_id,
        {{ landed_columns('rows_of') }}
    from {{ source('salesforce', 'lead') }} as rows_of
    where rows_of._is_live and rows_of.converted_account_id is not null and not {{ is_gone('rows_of') }}
    union all
    select
        rows_of.account_id,
        {{ landed_columns('rows_of') }}
    from {{ source('salesforce', 'opportunity') }} as rows_of
    where rows_of._is_live and rows_of.account_id is not null and not {{ is_gone('rows_of') }}
    union all
    select
        rows_of.account_id,
        {{ landed_columns('rows_of') }}
    from {{ source('salesforce', 'task') }} as rows_of
    where rows_of._is_live and rows_of.account_id is not null and not {{ is_gone('rows_of') }}
    union all
    select
        rows_of.account_id,
        {{ landed_columns('rows_of') }}
    from {{ source('salesforce', 'event') }} as rows_of
    where rows_of._is_live and rows_of.account_id is not null and not {{ is_gone('rows_of') }}
    union all
    select
        rows_of.account_id,
        {{ landed_columns('rows_of') }}
    from {{ source('salesforce', 'order') }} as rows_of
    where rows_of._is_live and rows_of.account_id is not null and not {{ is_gone('rows_of') }}
),

numbered as (
    select
        mentions.*,
        row_number() over (
            partition by mentions._source, mentions.account_id
            order by
                mentions._table asc nulls last, mentions._batch_number asc nulls last,
                mentions._row_number asc nulls last
        ) as occurrence
    from mentions
    left join known
        on mentions._source = known._source and mentions.account_id = known.id
    where known.id is null
),

final as (
    select
        accounts.id as account_id,
        accounts.name,
        'organisation' as account_type,
        accounts.industry,
        cast(null as string) as employee_band,
        accounts.billing_country as country,
        accounts.billing_state as province,
        accounts.billing_city as city,
        accounts.billing_postal_code as postal_code,
        accounts.billing_street as street,
        accounts.owner_id as owner_user_id,
        accounts.parent_id as parent_account_id,
        cast(null as string) as email,
        accounts.phone,
        cast(null as string) as tax_id,
        accounts.website,
        cast(null as string) as birth_date,
        cast(null as string) as gender,
        accounts.account_source as acquisition_channel,
        cast(null as string) as campaign_id,
        cast(null as string) as tags,
        accounts.type as status,
        {{ utc_text('accounts.created_date') }} as created_at,
        {{ utc_text(salesforce_updated_at('accounts')) }} as source_updated_at,
        {{ gone_text('accounts') }} as is_deleted,
        cast(null as string) as is_test,
        accounts.id as row_key,
        {{ landed_columns('accounts') }}
    from {{ source('salesforce', 'account') }} as accounts
    union all
    select
        account_id,
        cast(null as string) as name,
        cast(null as string) as account_type,
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
        cast(null as string) as created_at,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        account_id as row_key,
        {{ derived_columns() }}
    from numbered
    where occurrence = 1
)

select * from final
