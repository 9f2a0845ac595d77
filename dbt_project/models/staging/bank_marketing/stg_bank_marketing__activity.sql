with

final as (
    select
        'call-' || call_id as activity_id,
        'call' as kind,
        'out' as direction,
        cast(null as string) as account_id,
        'client-' || call_id as contact_id,
        cast(null as string) as lead_id,
        cast(null as string) as opportunity_id,
        cast(null as string) as user_id,
        month_start as occurred_at,
        duration as duration_seconds,
        cast(null as string) as opened_at,
        cast(null as string) as replied_at,
        y as outcome,
        cast(null as string) as subject,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        'call-' || call_id as row_key,
        {{ derived_columns() }}
    from {{ ref('stg_bank_marketing__dated_call') }}
    where _is_live
)

select * from final
