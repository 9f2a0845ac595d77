-- One row per service ticket that is not deleted, without its subject and resolution.
with

tickets as (
    select * from {{ ref('int_ticket') }}
),

contacts as (
    select * from {{ ref('int_contact') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

-- an order that was deleted takes its tickets with it
deleted_orders as (
    select distinct
        _source as source,
        order_id
    from {{ ref('int_order_rows') }}
    where disposition = 'deleted'
),

attributed as (
    select
        tickets.*,
        coalesce(tickets.account_id, contacts.account_id, orders.account_id) as person_account_id,
        tickets.is_test or coalesce(orders.is_test, false) as is_test_ticket
    from tickets
    left join contacts
        on tickets.source = contacts.source and tickets.contact_id = contacts.contact_id
    left join orders
        on tickets.source = orders.source and tickets.order_id = orders.order_id
    left join deleted_orders
        on tickets.source = deleted_orders.source and tickets.order_id = deleted_orders.order_id
    where deleted_orders.order_id is null
),

first_priorities as (
    select
        source,
        ticket_id,
        value as priority,
        row_number() over (partition by source, ticket_id order by valid_from asc nulls last) as number
    from {{ ref('int_ticket_spans') }}
    where attribute = 'priority'
),

final as (
    select
        {{ surrogate_key(['attributed.source', 'attributed.ticket_id']) }} as ticket_key,
        attributed.source,
        attributed.ticket_id,
        accounts.customer_number,
        attributed.order_id,
        coalesce(attributed.kind, '(unknown)') as kind,
        coalesce(attributed.category, '(unknown)') as category,
        coalesce(attributed.priority, '(unknown)') as priority,
        coalesce(first_priorities.priority, '(unknown)') as first_priority,
        coalesce(attributed.channel, '(unknown)') as channel,
        attributed.status,
        attributed.assignee_user_id,
        attributed.team_id,
        attributed.created_at,
        {{ local_date('attributed.created_at') }} as created_on,
        cast(hour({{ utc_to_local('attributed.created_at') }}) as bigint) as created_hour,
        measures.first_replied_at,
        attributed.solved_at,
        attributed.closed_at,
        measures.first_solved_at,
        {{ local_date('measures.first_solved_at') }} as first_solved_on,
        measures.last_solved_at,
        {{ local_date('measures.last_solved_at') }} as last_solved_on,
        measures.first_reopened_at,
        measures.removed_at,
        -- of a source that records no answers nobody knows
        measures.first_replied_at is null
        and measures.removed_at is null
        and bool_or(measures.first_replied_at is not null or measures.agent_replies is not null)
            over (partition by attributed.source) as is_unanswered,
        measures.agent_replies,
        measures.reopenings,
        measures.schedule_id,
        measures.first_reply_seconds,
        measures.first_reply_business_seconds,
        measures.first_resolution_seconds,
        measures.first_resolution_business_seconds,
        measures.full_resolution_seconds,
        measures.full_resolution_business_seconds,
        measures.requester_wait_seconds,
        measures.requester_wait_business_seconds,
        case when attributed.is_test_ticket or coalesce(accounts.is_test, false) then 'test' end as exclusion,
        attributed.batch_id,
        attributed.row_number
    from attributed
    left join {{ ref('int_ticket_measures') }} as measures
        on attributed.source = measures.source and attributed.ticket_id = measures.ticket_id
    left join first_priorities
        on attributed.source = first_priorities.source
        and attributed.ticket_id = first_priorities.ticket_id
        and first_priorities.number = 1
    left join {{ ref('int_customer_account') }} as accounts
        on attributed.source = accounts.source and attributed.person_account_id = accounts.account_id
)

select * from final
