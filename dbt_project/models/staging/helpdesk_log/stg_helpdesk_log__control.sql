-- One row per case, in the month of its earliest line, at the first of its lines that has a time: what the log itself
-- says, past the models that the reconciliation checks.
with

events as (
    select
        events.*,
        {{ local_date(instant_of("replace(events.startTime, '/', '-')", 'zone')) }} as occurred_on
    from {{ source('helpdesk_log', 'event') }} as events
    {{ zone_of("replace(events.startTime, '/', '-')", 'zone', 'events') }}
    where events._is_live
),

final as (
    select
        'tickets' as metric,
        "case" as document,
        _source as source,
        min(_table) as source_table,
        coalesce(
            min_by(_batch_id, _row_number) filter (where occurred_on is not null), min_by(_batch_id, _row_number)
        ) as batch_id,
        coalesce(min(_row_number) filter (where occurred_on is not null), min(_row_number)) as row_number,
        min(occurred_on) as occurred_on,
        min(_currency) as currency,
        cast(1 as decimal(38, 12)) as amount,
        cast(null as string) as exclusion
    from events
    where "case" is not null
    group by _source, "case"
)

select * from final
