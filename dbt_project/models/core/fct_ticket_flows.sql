-- One row per time a ticket came into the backlog or left it, with what it was at that instant.
with

flows as (
    select
        flows.source,
        flows.ticket_id,
        flows.number,
        flows.flow,
        flows.occurred_at,
        tickets.ticket_key,
        tickets.kind,
        tickets.category,
        tickets.channel,
        tickets.team_id as ticket_team_id,
        tickets.exclusion
    from {{ ref('int_ticket_flows') }} as flows
    inner join {{ ref('fct_tickets') }} as tickets
        on flows.source = tickets.source and flows.ticket_id = tickets.ticket_id
),

priorities as (
    select * from {{ ref('int_ticket_spans') }} where attribute = 'priority'
),

assignees as (
    select * from {{ ref('int_ticket_spans') }} where attribute = 'assignee'
),

holders as (
    select
        source,
        ticket_id,
        value as user_id,
        valid_from,
        row_number() over (partition by source, ticket_id order by valid_from asc nulls last) as number
    from assignees
    where value is not null
),

-- a ticket that came to nobody came to the team that took it up
first_teams as (
    select
        holders.source,
        holders.ticket_id,
        users.team_id
    from holders
    inner join {{ ref('dim_user') }} as users
        on holders.source = users.source
        and holders.user_id = users.user_id
        and holders.valid_from >= users.valid_from
        and holders.valid_from < users.valid_to
    where holders.number = 1
),

final as (
    select
        {{ surrogate_key(['flows.source', 'flows.ticket_id', 'flows.number']) }} as ticket_flow_key,
        flows.source,
        flows.ticket_key,
        flows.ticket_id,
        flows.number,
        flows.flow,
        flows.occurred_at,
        {{ local_date('flows.occurred_at') }} as occurred_on,
        case when flows.flow in ('created', 'reopened') then 1 else -1 end as change,
        flows.kind,
        flows.category,
        coalesce(priorities.value, '(unknown)') as priority,
        flows.channel,
        assignees.value as assignee_user_id,
        coalesce(users.team_id, flows.ticket_team_id, first_teams.team_id) as team_id,
        flows.exclusion
    from flows
    left join priorities
        on flows.source = priorities.source
        and flows.ticket_id = priorities.ticket_id
        and flows.occurred_at >= priorities.valid_from
        and flows.occurred_at < priorities.valid_to
    left join assignees
        on flows.source = assignees.source
        and flows.ticket_id = assignees.ticket_id
        and flows.occurred_at >= assignees.valid_from
        and flows.occurred_at < assignees.valid_to
    left join {{ ref('dim_user') }} as users
        on assignees.source = users.source
        and assignees.value = users.user_id
        and flows.occurred_at >= users.valid_from
        and flows.occurred_at < users.valid_to
    left join first_teams
        on flows.source = first_teams.source and flows.ticket_id = first_teams.ticket_id
)

select * from final
