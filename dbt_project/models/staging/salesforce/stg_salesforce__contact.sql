with

final as (
    select
        contacts.id as contact_id,
        contacts.account_id,
        contacts.name,
        contacts.email,
        contacts.phone,
        contacts.title as job_title,
        contacts.has_opted_out_of_email as do_not_contact,
        {{ utc_text('contacts.created_date') }} as created_at,
        {{ utc_text(salesforce_updated_at('contacts')) }} as source_updated_at,
        {{ gone_text('contacts') }} as is_deleted,
        cast(null as string) as is_test,
        contacts.id as row_key,
        {{ landed_columns('contacts') }}
    from {{ source('salesforce', 'contact') }} as contacts
)

select * from final
