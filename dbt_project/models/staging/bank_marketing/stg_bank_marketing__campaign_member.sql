with

-- whoever was called was reached, and whoever said yes responded: of both the month is known
final as (
    select
        call_id as member_id,
        'term-deposit' as campaign_id,
        cast(null as varchar) as account_id,
        'client-' || call_id as contact_id,
        cast(null as varchar) as lead_id,
        cast(null as varchar) as is_holdout,
        month_start as invited_at,
        month_start as delivered_at,
        cast(null as varchar) as bounced_at,
        cast(null as varchar) as opened_at,
        cast(null as varchar) as clicked_at,
        case when y = 'yes' then month_start end as responded_at,
        cast(null as varchar) as attended_at,
        cast(null as varchar) as source_updated_at,
        cast(null as varchar) as is_deleted,
        cast(null as varchar) as is_test,
        call_id as row_key,
        {{ landed_columns() }}
    from {{ ref('stg_bank_marketing__dated_call') }}
)

select * from final
