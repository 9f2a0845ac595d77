with

tickets as (
    select * from {{ source('zendesk', 'ticket') }}
),

organizations as (
    select distinct
        _source,
        id
    from {{ source('zendesk', 'organization') }}
    where _is_live and id is not null
),

people as (
    select
        _source,
        contact_id,
        min(account_id) as account_id
    from {{ ref('stg_zendesk__contact') }}
    where _is_live
    group by _source, contact_id
),

-- what an agent opens a ticket with is no reply, and neither is a note
replies as (
    select
        _source,
        ticket_id,
        min_by(created, written_at) as first_replied_at
    from {{ ref('stg_zendesk__comment') }}
    where _is_live and is_public and actor = 'agent' and not is_description
    group by _source, ticket_id
),

-- the last time that it was solved, and closed
solutions as (
    select
        _source,
        ticket_id,
        max_by({{ utc_text('updated') }}, {{ wall_clock('updated') }}) filter (where value = 'solved') as solved_at,
        max_by({{ utc_text('updated') }}, {{ wall_clock('updated') }}) filter (where value = 'closed') as closed_at
    from {{ source('zendesk', 'ticket_field_history') }}
    where _is_live and field_name = 'status'
    group by _source, ticket_id
),

final as (
    select
        tickets.id as ticket_id,
        case
            when organizations.id is not null then 'organization-' || organizations.id
            else people.account_id
        end as account_id,
        tickets.requester_id as contact_id,
        cast(null as string) as order_id,
        case tickets.type
            when 'problem' then 'incident'
            when 'task' then 'request'
            else tickets.type
        end as kind,
        cast(null as string) as category,
        tickets.priority,
        tickets.via_channel as channel,
        case tickets.status
            when 'hold' then 'on_hold'
            when 'on-hold' then 'on_hold'
            else tickets.status
        end as status,
        tickets.subject,
        tickets.assignee_id as assignee_user_id,
        tickets.group_id as team_id,
        {{ utc_text('tickets.created_at') }} as created_at,
        replies.first_replied_at,
        case when tickets.status in ('solved', 'closed') then solutions.solved_at end as solved_at,
        case when tickets.status = 'closed' then solutions.closed_at end as closed_at,
        cast(null as string) as resolution,
        {{ utc_text('tickets.updated_at') }} as source_updated_at,
        case when tickets.status = 'deleted' then 'true' end as is_deleted,
        cast(null as string) as is_test,
        tickets.id as row_key,
        {{ landed_columns('tickets') }}
    from tickets
    left join organizations
        on tickets._source = organizations._source and tickets.organization_id = organizations.id
    left join people
        on tickets._source = people._source and tickets.requester_id = people.contact_id
    left join replies
        on tickets._source = replies._source and tickets.id = replies.ticket_id
    left join solutions
        on tickets._source = solutions._source and tickets.id = solutions.ticket_id
)

select * from final
