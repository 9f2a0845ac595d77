-- One row per contact, with who it is.
with

final as (
    select
        contacts.source,
        contacts.contact_id,
        contacts.account_id,
        numbers.customer_number,
        contacts.name,
        contacts.email,
        contacts.phone
    from {{ ref('int_contact') }} as contacts
    left join {{ ref('int_customer_account') }} as numbers
        on contacts.source = numbers.source and contacts.account_id = numbers.account_id
)

select * from final
