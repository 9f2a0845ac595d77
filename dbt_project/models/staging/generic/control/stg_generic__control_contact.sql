-- One row per contact of a source: whose it is, for whom somebody was in touch with.
{{ config(materialized='table') }}
with

contacts as (
    {{ newest_landed('contact', ['contact_id']) }}
),

final as (
    select
        _source,
        contact_id,
        min(account_id) as account_id
    from contacts
    where not is_gone and not {{ says_yes('is_deleted') }}
    group by _source, contact_id
)

select * from final
