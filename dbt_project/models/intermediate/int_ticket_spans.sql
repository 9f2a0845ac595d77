-- What a ticket's status, priority and assignee were, and when: from its events where it has any of that kind, else
-- from the ticket itself.
with

tickets as (
    select * from {{ ref('int_ticket') }}
),

events as (
    select
        source,
        ticket_id,
        event_id,
        kind,
        occurred_at,
        nullif(trim(from_value), '') as from_value,
        nullif(trim(to_value), '') as to_value
    from {{ ref('int_ticket_event') }}
    where not is_test
),

mergers as (
    select
        source,
        ticket_id,
        min(occurred_at) as merged_at
    from events
    where kind = 'merge'
    group by source, ticket_id
),

-- what happened to a ticket after it was merged into another happened to that one
changes as (
    select
        events.source,
        events.ticket_id,
        events.kind as attribute,
        events.from_value,
        events.to_value,
        greatest(events.occurred_at, tickets.created_at) as changed_at,
        row_number() over (
            partition by events.source, events.ticket_id, events.kind
            order by events.occurred_at asc nulls last, events.event_id asc nulls last
        ) as position,
        count(*) over (partition by events.source, events.ticket_id, events.kind) as last_position
    from events
    inner join tickets
        on events.source = tickets.source and events.ticket_id = tickets.ticket_id
    left join mergers
        on events.source = mergers.source and events.ticket_id = mergers.ticket_id
    where
        events.kind in ('status', 'priority', 'assignee')
        and (mergers.merged_at is null or events.occurred_at < mergers.merged_at)
),

attributes as (
    select 'status' as attribute
    union all
    select 'priority' as attribute
    union all
    select 'assignee' as attribute
),

-- what the log says of each attribute, first and last
logged as (
    select
        source,
        ticket_id,
        attribute,
        max(case when position = 1 then from_value end) as first_from,
        max(case when position = last_position then to_value end) as last_to,
        max(case when position = last_position then changed_at end) as last_changed_at
    from changes
    group by source, ticket_id, attribute
),

states as (
    select
        tickets.source,
        tickets.ticket_id,
        tickets.created_at,
        tickets.status,
        tickets.priority,
        tickets.assignee_user_id,
        tickets.solved_at,
        tickets.closed_at,
        tickets.source_updated_at,
        attributes.attribute,
        logged.ticket_id is not null as is_logged,
        logged.first_from,
        logged.last_to,
        logged.last_changed_at,
        mergers.ticket_id is not null as is_merged
    from tickets
    cross join attributes
    left join logged
        on tickets.source = logged.source
        and tickets.ticket_id = logged.ticket_id
        and attributes.attribute = logged.attribute
    left join mergers on tickets.source = mergers.source and tickets.ticket_id = mergers.ticket_id
),

-- before its first change a ticket was what that change says it was; without a change it is what it has always been
beginnings as (
    select
        source,
        ticket_id,
        attribute,
        created_at as changed_at,
        case attribute
            when 'status' then case when is_logged then coalesce(first_from, 'new') else 'open' end
            when 'priority' then case when is_logged then first_from else priority end
            else case when is_logged then first_from else assignee_user_id end
        end as value
    from states
),

-- a ticket says that it is solved, or is not any more, and no event does: it happened when the ticket says, after the
-- last event, or was known when the row was last changed; a row that is older than the last event does not undo it
settlements as (
    select
        source,
        ticket_id,
        case when status in ('solved', 'closed') then 'solved' else status end as value,
        greatest(
            created_at,
            coalesce(last_changed_at, created_at),
            coalesce(
                case when status in ('solved', 'closed') then coalesce(solved_at, closed_at) end,
                source_updated_at,
                created_at
            )
        ) as changed_at
    from states
    where
        attribute = 'status'
        and not is_merged
        and case when coalesce(last_to, 'open') in ('solved', 'closed') then 1 else 0 end
        <> case when status in ('solved', 'closed') then 1 when status is not null then 0 end
        and (status in ('solved', 'closed') or source_updated_at > last_changed_at)
),

told as (
    select
        source,
        ticket_id,
        attribute,
        value,
        changed_at,
        0 as position
    from beginnings
    union all
    select
        changes.source,
        changes.ticket_id,
        changes.attribute,
        changes.to_value as value,
        changes.changed_at,
        changes.position
    from changes
    union all
    select
        source,
        ticket_id,
        'status' as attribute,
        value,
        changed_at,
        1000000000 as position
    from settlements
    union all
    select
        mergers.source,
        mergers.ticket_id,
        'status' as attribute,
        'merged' as value,
        greatest(mergers.merged_at, tickets.created_at) as changed_at,
        2000000000 as position
    from mergers
    inner join tickets on mergers.source = tickets.source and mergers.ticket_id = tickets.ticket_id
),

-- of several changes at one instant the last one counts
ranked as (
    select
        *,
        row_number() over (
            partition by source, ticket_id, attribute, changed_at order by position desc nulls last
        ) as rank
    from told
),

ordered as (
    select
        source,
        ticket_id,
        attribute,
        value,
        changed_at,
        row_number() over (partition by source, ticket_id, attribute order by changed_at asc nulls last) as number,
        lag(value) over (partition by source, ticket_id, attribute order by changed_at asc nulls last) as value_before
    from ranked
    where rank = 1
),

final as (
    select
        source,
        ticket_id,
        attribute,
        value,
        changed_at as valid_from,
        coalesce(
            lead(changed_at) over (partition by source, ticket_id, attribute order by changed_at asc nulls last),
            timestamp '9999-12-31 00:00:00'
        ) as valid_to
    from ordered
    where number = 1 or coalesce(value, '') <> coalesce(value_before, '')
)

select * from final
