-- What happened to tickets: changes of their fields, comments, and that they were merged into another one.
with

history as (
    select
        history.*,
        {{ instant_of(utc_text('history.updated'), 'zone') }} as changed_at,
        case
            when history.field_name = 'status' and coalesce(history.value, '') <> 'deleted' then 'status'
            when history.field_name = 'priority' then 'priority'
            when history.field_name = 'assignee_id' then 'assignee'
            else 'other'
        end as kind,
        case when history.value in ('hold', 'on-hold') then 'on_hold' else history.value end as known_value
    from {{ source('zendesk', 'ticket_field_history') }} as history
    {{ zone_of('history.updated', 'zone', 'history') }}
),

-- one row per field and instant, so that copies of a change are told the same
instants as (
    select
        *,
        lag(known_value) over (
            partition by _source, _is_live, ticket_id, field_name order by changed_at asc nulls last
        ) as previous_value
    from (
        select
            _source,
            _is_live,
            ticket_id,
            field_name,
            changed_at,
            max(known_value) as known_value
        from history
        where kind <> 'other'
        group by _source, _is_live, ticket_id, field_name, changed_at
    ) as instants
),

-- of other fields the values are no matter, and may be texts about persons
changes as (
    select
        history.*,
        instants.previous_value as from_value,
        case when history.kind <> 'other' then history.known_value end as to_value
    from history
    left join instants
        on history._source = instants._source
        and history._is_live = instants._is_live
        and history.ticket_id = instants.ticket_id
        and history.field_name = instants.field_name
        and history.changed_at = instants.changed_at
),

merged as (
    select distinct
        _source,
        ticket_id
    from {{ source('zendesk', 'ticket_tag') }}
    where _is_live and tag = 'closed_by_merge'
),

-- a ticket that is merged is closed at once
merged_tickets as (
    select
        history.*,
        row_number() over (
            partition by history._source, history.ticket_id
            order by history.changed_at asc nulls last, history._row_number asc nulls last
        ) as position
    from history
    inner join merged
        on history._source = merged._source and history.ticket_id = merged.ticket_id
    where history._is_live and history.field_name = 'status' and history.value = 'closed'
),

final as (
    select
        changes.ticket_id || '|' || changes.field_name || '|' || changes.updated as event_id,
        changes.ticket_id,
        {{ utc_text('changes.updated') }} as occurred_at,
        changes.kind,
        case
            when changes.user_id = '-1' then 'system'
            when roles.is_agent then 'agent'
            when not roles.is_agent then 'customer'
        end as actor,
        changes.user_id as actor_user_id,
        changes.from_value,
        changes.to_value,
        cast(null as string) as handle_seconds,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        changes.ticket_id || '|' || changes.field_name || '|' || changes.updated as row_key,
        {{ landed_columns('changes') }}
    from changes
    left join {{ ref('stg_zendesk__role') }} as roles
        on changes._source = roles._source
        and changes.user_id = roles.person_id
        and changes.changed_at >= roles.valid_from
        and changes.changed_at < roles.valid_to
    union all
    select
        'comment-' || comment_id as event_id,
        ticket_id,
        created as occurred_at,
        case
            when is_description then 'other'
            when is_public then 'public_reply'
            else 'private_note'
        end as kind,
        actor,
        user_id as actor_user_id,
        cast(null as string) as from_value,
        cast(null as string) as to_value,
        cast(null as string) as handle_seconds,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        'comment-' || comment_id as row_key,
        {{ landed_columns() }}
    from {{ ref('stg_zendesk__comment') }}
    union all
    select
        'merge-' || ticket_id as event_id,
        ticket_id,
        {{ utc_text('updated') }} as occurred_at,
        'merge' as kind,
        cast(null as string) as actor,
        cast(null as string) as actor_user_id,
        cast(null as string) as from_value,
        cast(null as string) as to_value,
        cast(null as string) as handle_seconds,
        cast(null as string) as source_updated_at,
        cast(null as string) as is_deleted,
        cast(null as string) as is_test,
        'merge-' || ticket_id as row_key,
        {{ derived_columns() }}
    from merged_tickets
    where position = 1
)

select * from final
