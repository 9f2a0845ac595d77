-- The instants at which the business clocks are read.
with

schedules as (
    select
        source,
        schedule_id
    from {{ ref('int_ticket_schedule') }}
    where schedule_id is not null
    union
    select
        source,
        schedule_id
    from {{ ref('int_sla_policy') }}
    where clock = 'business' and not is_test
),

instants as (
    select
        source,
        valid_from as instant
    from {{ ref('int_ticket_spans') }}
    where attribute = 'status'
    union
    select
        source,
        replied_at as instant
    from {{ ref('int_ticket_replies') }}
    union
    select
        source,
        asked_at as instant
    from {{ ref('int_ticket_replies') }}
    where asked_at is not null
    union
    select
        source,
        first_replied_at as instant
    from {{ ref('int_ticket') }}
    where first_replied_at is not null
),

final as (
    select
        schedules.source,
        schedules.schedule_id,
        instants.instant
    from schedules
    inner join instants on schedules.source = instants.source
)

select * from final
