-- One row per landed ticket.
{{ config(materialized='table') }}
with

tickets as (
    {{ newest_landed('ticket', ['ticket_id']) }}
),

final as (
    select
        'tickets' as metric,
        tickets.ticket_id as document,
        {{ local_date(instant_of('tickets.created_at', 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case
            when {{ says_yes('tickets.is_deleted') }} or orders.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('tickets.is_test') }} or orders.exclusion = 'test' or accounts.is_test then 'test'
        end as exclusion,
        {{ landed_row('tickets') }}
    from tickets
    {{ zone_of('tickets.created_at', 'zone', 'tickets') }}
    left join {{ ref('stg_generic__control_order_state') }} as orders
        on tickets._source = orders._source and tickets.order_id = orders.order_id
    left join {{ ref('stg_generic__control_contact') }} as contacts
        on tickets._source = contacts._source and tickets.contact_id = contacts.contact_id
    left join {{ ref('stg_generic__control_account') }} as accounts
        on tickets._source = accounts._source
        and coalesce(tickets.account_id, contacts.account_id, orders.account_id) = accounts.account_id
    where not tickets.is_gone
)

select * from final
