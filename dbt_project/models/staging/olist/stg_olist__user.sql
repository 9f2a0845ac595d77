with

deals as (
    select * from {{ source('olist', 'closed_deals') }} where _is_live
),

people as (
    select deals.*, sdr_id as user_id from deals where sdr_id is not null
    union all
    select deals.*, sr_id as user_id from deals where sr_id is not null
),

-- the funnel has no list of users: those who are named in its deals are its users
named as (
    select
        *,
        row_number() over (
            partition by _source, user_id
            order by _batch_number asc nulls last, _row_number asc nulls last
        ) as occurrence
    from people
),

final as (
    select
        user_id,
        cast(null as string) as name,
        cast(null as string) as email,
        cast(null as string) as team_id,
        'sales' as role,
        cast(null as string) as manager_user_id,
        cast(null as string) as is_active,
        cast(null as string) as hired_on,
        cast(null as string) as left_on,
        cast(null as string) as weekly_hours,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        user_id as row_key,
        {{ derived_columns() }}
    from named
    where occurrence = 1
)

select * from final
