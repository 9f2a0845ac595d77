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
        coalesce(users.team_id, flows.ticket_team_id) as team_id,
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
)

select * from final
