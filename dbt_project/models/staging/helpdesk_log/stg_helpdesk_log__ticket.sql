with

-- times sort as they are written
numbered as (
    select
        *,
        replace(starttime, '/', '-') as happened_at,
        row_number() over (
            partition by _source, "case" order by starttime asc nulls last, _row_number asc nulls last
        ) as place,
        row_number() over (
            partition by _source, "case" order by starttime desc nulls last, _row_number desc nulls last
        ) as place_from_last
    from {{ source('helpdesk_log', 'event') }}
    where _is_live and "case" is not null
),

cases as (
    select
        _source,
        "case",
        max(case when place_from_last = 1 then event end) as last_event,
        max(case when event in ('Resolve ticket', 'RESOLVED') then happened_at end) as solved_at,
        max(case when event = 'Closed' then happened_at end) as closed_at,
        max_by("org:resource", happened_at) filter (where event = 'Take in charge ticket') as assignee
    from numbered
    group by _source, "case"
),

firsts as (
    select * from numbered where place = 1
),

final as (
    select
        firsts."case" as ticket_id,
        cast(null as string) as account_id,
        cast(null as string) as contact_id,
        cast(null as string) as order_id,
        cast(null as string) as kind,
        cast(null as string) as category,
        cast(null as string) as priority,
        cast(null as string) as channel,
        case
            when cases.closed_at is not null then 'closed'
            when cases.last_event in ('Resolve ticket', 'RESOLVED') then 'solved'
            when cases.last_event = 'Wait' then 'on_hold'
            else 'open'
        end as status,
        cast(null as string) as subject,
        cases.assignee as assignee_user_id,
        cast(null as string) as team_id,
        firsts.happened_at as created_at,
        cast(null as string) as first_replied_at,
        case
            when cases.closed_at is not null or cases.last_event in ('Resolve ticket', 'RESOLVED') then cases.solved_at
        end as solved_at,
        cases.closed_at,
        cast(null as string) as resolution,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        firsts."case" as row_key,
        {{ landed_columns('firsts') | replace('firsts._table', 'cast(null as string) as _table') }}
    from firsts
    left join cases
        on firsts._source = cases._source and firsts."case" = cases."case"
)

select * from final
