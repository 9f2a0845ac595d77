-- One row per person and span of time in which it was an agent or was not. The audit log tells changes; before the
-- first of them the role was the one that it says was left, and without any it is that of the user table.
with

people as (
    select
        _source,
        id as person_id,
        bool_or(is_agent) as is_agent
    from {{ ref('stg_zendesk__person') }}
    where _is_live
    group by _source, id
),

changes as (
    select
        log._source,
        log.source_id as person_id,
        {{ instant_of(utc_text('log.created_at'), 'zone') }} as changed_at,
        log.id as change_id,
        not {{ matches('log.change_description', '(Support r|^R|^r)ole changed from (not set|[Ee]nd[- ]user)') }}
            as was_agent
    from {{ source('zendesk', 'audit_log') }} as log
    {{ zone_of('log.created_at', 'zone', 'log') }}
    where
        log._is_live
        and log.source_type = 'user'
        and {{ matches('log.change_description', '(Support r|^R|^r)ole changed from ') }}
        and {{ wall_clock('log.created_at') }} is not null
),

-- every change ends a span: what it was left for is known from the next one, and at last from the user table
ended as (
    select
        _source,
        person_id,
        was_agent as is_agent,
        coalesce(
            lag(changed_at) over (
                partition by _source, person_id order by changed_at asc nulls last, change_id asc nulls last
            ),
            timestamp '1900-01-01 00:00:00'
        ) as valid_from,
        changed_at as valid_to
    from changes
),

last_changes as (
    select
        _source,
        person_id,
        max(changed_at) as changed_at
    from changes
    group by _source, person_id
),

final as (
    select
        _source,
        person_id,
        is_agent,
        valid_from,
        valid_to
    from ended
    union all
    select
        people._source,
        people.person_id,
        people.is_agent,
        coalesce(last_changes.changed_at, timestamp '1900-01-01 00:00:00') as valid_from,
        timestamp '9999-12-31 00:00:00' as valid_to
    from people
    left join last_changes
        on people._source = last_changes._source and people.person_id = last_changes.person_id
)

select * from final
