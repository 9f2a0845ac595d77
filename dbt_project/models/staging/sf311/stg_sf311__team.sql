with

-- the city has no list of the queues that requests go to: those that are named in them are its teams
named as (
    select
        *,
        row_number() over (
            partition by _source, agency_name order by _batch_number asc nulls last, _row_number asc nulls last
        ) as occurrence
    from {{ source('sf311', 'service_request') }}
    where _is_live and agency_name is not null
),

final as (
    select
        agency_name as team_id,
        agency_name as name,
        cast(null as string) as parent_team_id,
        cast(null as string) as region,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        agency_name as row_key,
        {{ derived_columns() }}
    from named
    where occurrence = 1
)

select * from final
