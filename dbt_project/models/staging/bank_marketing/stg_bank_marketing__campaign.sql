with

-- the file is one campaign and does not name it
named as (
    select
        *,
        row_number() over (
            partition by _source order by _batch_number asc nulls last, _row_number asc nulls last
        ) as occurrence
    from {{ source('bank_marketing', 'call') }}
    where _is_live
),

final as (
    select
        'term-deposit' as campaign_id,
        'Term deposit' as name,
        'phone' as channel,
        'telemarketing' as kind,
        '2008-05-01' as starts_on,
        '2010-11-30' as ends_on,
        cast(null as string) as budget,
        cast(null as string) as currency,
        cast(null as string) as owner_user_id,
        cast(null as string) as status,
        cast(null as string) as holdout_share,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        'term-deposit' as row_key,
        {{ derived_columns() }}
    from named
    where occurrence = 1
)

select * from final
