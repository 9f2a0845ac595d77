with

-- the funnel has no list of campaigns: the landing pages that its leads came through stand for them
named as (
    select
        *,
        row_number() over (
            partition by _source, landing_page_id
            order by _batch_number asc nulls last, _row_number asc nulls last
        ) as occurrence
    from {{ source('olist', 'marketing_qualified_leads') }}
    where _is_live and landing_page_id is not null
),

final as (
    select
        landing_page_id as campaign_id,
        'Landing page ' || landing_page_id as name,
        cast(null as string) as channel,
        'landing_page' as kind,
        cast(null as string) as starts_on,
        cast(null as string) as ends_on,
        cast(null as string) as budget,
        cast(null as string) as currency,
        cast(null as string) as owner_user_id,
        cast(null as string) as status,
        cast(null as string) as holdout_share,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        landing_page_id as row_key,
        {{ derived_columns() }}
    from named
    where occurrence = 1
)

select * from final
