with

ledger as (
    select
        source,
        "table" as source_table,
        sum("read") as rows_read,
        sum(conformed) as rows_conformed,
        sum(superseded) as rows_superseded,
        sum(deleted) as rows_deleted,
        sum(quarantined) as rows_quarantined,
        count(*) as batches,
        max(batch) as last_batch
    from {{ ref('row_ledger') }}
    group by source, "table"
),

batches as (
    select
        batches.source,
        batches.source_table,
        max(tables.entity) as entity,
        max(batches.landed_at) as last_batch_at
    from {{ source('landing', 'batches') }} as batches
    left join {{ source('landing', 'tables') }} as tables
        on batches.system = tables.system and batches.source_table = tables.source_table
    group by batches.source, batches.source_table
),

events as (
    {%- for entity in var('contract') %}
    select
        source,
        source_table,
        {{ last_event_day(entity) }} as last_event_on
    from {{ ref('int_' ~ entity) }}
    where source_table is not null
    group by source, source_table
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

last_events as (
    select
        source,
        source_table,
        max(last_event_on) as last_event_on
    from events
    group by source, source_table
),

incomplete as (
    select
        source,
        source_table,
        count(*) as incomplete_rows
    from {{ ref('int_quarantine') }}
    where reason_code in ('missing_key', 'missing_value')
    group by source, source_table
),

filled as (
    select
        ledger.source,
        ledger.source_table,
        batches.entity,
        ledger.batches,
        ledger.last_batch,
        batches.last_batch_at,
        last_events.last_event_on,
        cast(ledger.rows_read as bigint) as rows_read,
        cast(ledger.rows_conformed as bigint) as rows_conformed,
        cast(ledger.rows_superseded as bigint) as rows_superseded,
        cast(ledger.rows_deleted as bigint) as rows_deleted,
        cast(ledger.rows_quarantined as bigint) as rows_quarantined,
        coalesce(incomplete.incomplete_rows, 0) as incomplete_rows,
        {{ plus_days(as_of_date(), -1) }} as last_ended_day
    from ledger
    left join batches on ledger.source = batches.source and ledger.source_table = batches.source_table
    left join last_events on ledger.source = last_events.source and ledger.source_table = last_events.source_table
    left join incomplete on ledger.source = incomplete.source and ledger.source_table = incomplete.source_table
),

final as (
    select
        source,
        source_table as "table",
        entity,
        rows_read,
        rows_conformed,
        rows_superseded,
        rows_deleted,
        rows_quarantined,
        batches,
        last_batch,
        last_batch_at,
        cast(greatest({{ days_between(local_date('last_batch_at'), 'last_ended_day') }}, 0) as bigint)
            as days_since_last_batch,
        last_event_on,
        case
            when last_event_on is not null
                then cast(greatest({{ days_between('last_event_on', 'last_ended_day') }}, 0) as bigint)
        end as days_since_last_event,
        {{ ratio('completeness', 'rows_conformed + rows_quarantined - incomplete_rows',
            'rows_conformed + rows_quarantined') }}
    from filled
)

select * from final
