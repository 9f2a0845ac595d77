with

final as (
    select
        'opportunities' as pipeline,
        stages.master_label as stage,
        stages.sort_order as position,
        case
            when {{ says_yes('stages.is_won') }} then 'won'
            when {{ says_yes('stages.is_closed') }} then 'lost'
            else 'open'
        end as kind,
        {{ from_percent('stages.default_probability') }} as default_probability,
        {{ utc_text(salesforce_updated_at('stages')) }} as source_updated_at,
        {{ gone_text('stages') }} as is_deleted,
        cast(null as string) as is_test,
        stages.master_label as row_key,
        {{ landed_columns('stages') }}
    from {{ source('salesforce', 'opportunity_stage') }} as stages
)

select * from final
