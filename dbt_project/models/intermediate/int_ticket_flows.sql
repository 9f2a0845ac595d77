-- How tickets come into the backlog and leave it. A ticket that is waited for by nobody (pending) is still unsolved.
with

spans as (
    select
        source,
        ticket_id,
        valid_from,
        value = 'merged' as is_merged,
        value not in ('solved', 'closed', 'merged') as is_unsolved
    from {{ ref('int_ticket_spans') }}
    where attribute = 'status'
),

ordered as (
    select
        *,
        lag(is_unsolved) over (partition by source, ticket_id order by valid_from asc nulls last) as was_unsolved
    from spans
),

flows as (
    select
        source,
        ticket_id,
        'created' as flow,
        valid_from as occurred_at,
        0 as step
    from ordered
    where was_unsolved is null
    union all
    select
        source,
        ticket_id,
        case when is_unsolved then 'reopened' when is_merged then 'removed' else 'solved' end as flow,
        valid_from as occurred_at,
        1 as step
    from ordered
    where is_unsolved <> coalesce(was_unsolved, true)
),

final as (
    select
        source,
        ticket_id,
        row_number() over (partition by source, ticket_id order by occurred_at asc nulls last, step asc nulls last)
            as number,
        flow,
        occurred_at
    from flows
)

select * from final
