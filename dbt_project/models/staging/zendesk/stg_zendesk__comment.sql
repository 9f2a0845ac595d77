-- One row per landed comment: who wrote it, by the role of that time, and whether it is the ticket's description.
with

tickets as (
    select
        tickets._source,
        tickets.id as ticket_id,
        min(tickets.requester_id) as requester_id,
        min({{ instant_of(utc_text('tickets.created_at'), 'zone') }}) as created_at
    from {{ source('zendesk', 'ticket') }} as tickets
    {{ zone_of('tickets.created_at', 'zone', 'tickets') }}
    where tickets._is_live
    group by tickets._source, tickets.id
),

comments as (
    select
        comments.*,
        {{ instant_of(utc_text('comments.created'), 'zone') }} as written_at
    from {{ source('zendesk', 'ticket_comment') }} as comments
    {{ zone_of('comments.created', 'zone', 'comments') }}
),

numbered as (
    select
        *,
        dense_rank() over (
            partition by _source, _is_live, ticket_id order by written_at asc nulls last, id asc nulls last
        ) as position
    from comments
),

-- Zendesk keeps what a ticket was opened with as its first comment, a moment after the ticket
final as (
    select
        numbered.id as comment_id,
        numbered.ticket_id,
        numbered.user_id,
        {{ utc_text('numbered.created') }} as created,
        numbered.written_at,
        {{ says_yes('numbered.public') }} as is_public,
        numbered.position = 1 and {{ seconds_between('tickets.created_at', 'numbered.written_at') }} <= 60
            as is_description,
        case
            when numbered.user_id = '-1' then 'system'
            when roles.is_agent then 'agent'
            when not roles.is_agent or numbered.user_id = tickets.requester_id then 'customer'
        end as actor,
        {{ landed_columns('numbered') }}
    from numbered
    left join tickets
        on numbered._source = tickets._source and numbered.ticket_id = tickets.ticket_id
    left join {{ ref('stg_zendesk__role') }} as roles
        on numbered._source = roles._source
        and numbered.user_id = roles.person_id
        and numbered.written_at >= roles.valid_from
        and numbered.written_at < roles.valid_to
)

select * from final
