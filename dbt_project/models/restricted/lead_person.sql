-- One row per lead, with who it is.
with

final as (
    select
        source,
        lead_id,
        account_id,
        name,
        company,
        email,
        phone
    from {{ ref('int_lead') }}
)

select * from final
