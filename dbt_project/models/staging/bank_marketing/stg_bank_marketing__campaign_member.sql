with

-- whoever was called was reached, and whoever said yes responded: of both the month is known
final as (
    select
        call_id as member_id,
        'term-deposit' as campaign_id,
        cast(null as string) as account_id,
        'client-' || call_id as contact_id,
        cast(null as string) as lead_id,
        cast(null as string) as is_holdout,
        month_start as invited_at,
        month_start as delivered_at,
        cast(null as string) as bounced_at,
        cast(null as string) as opened_at,
        cast(null as string) as clicked_at,
        case when y = 'yes' then month_start end as responded_at,
        cast(null as string) as attended_at,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        call_id as row_key,
        {{ landed_columns() }}
    from {{ ref('stg_bank_marketing__dated_call') }}
)

select * from final
