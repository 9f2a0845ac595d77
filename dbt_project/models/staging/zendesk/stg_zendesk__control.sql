-- One row per landed row and figure it contributes: what Zendesk itself says, read off its files a second time,
-- past the models that the reconciliation checks.
with

tickets as (
    {{ newest_live(source('zendesk', 'ticket'), ['id'], 'updated_at') }}
),

ticket_rows as (
    select
        'tickets' as metric,
        tickets.id as document,
        {{ local_date(instant_of(utc_text('tickets.created_at'), 'zone')) }} as occurred_on,
        case when tickets.status = 'deleted' then 'deleted' end as exclusion,
        {{ landed_columns('tickets') }}
    from tickets
    {{ zone_of('tickets.created_at', 'zone', 'tickets') }}
),

deleted_tickets as (
    select distinct
        _source,
        id
    from tickets
    where status = 'deleted'
),

scores as (
    select
        history.*,
        {{ local_date(instant_of(utc_text('history.updated'), 'zone')) }} as occurred_on,
        row_number() over (
            partition by history._source, history.ticket_id
            order by
                {{ instant_of(utc_text('history.updated'), 'zone') }} desc nulls last,
                history._row_number desc nulls last
        ) as age
    from {{ source('zendesk', 'ticket_field_history') }} as history
    {{ zone_of('history.updated', 'zone', 'history') }}
    where history._is_live and history.field_name = 'satisfaction_score' and history.value <> 'unoffered'
),

answer_rows as (
    select
        'responses' as metric,
        scores.ticket_id as document,
        scores.occurred_on,
        case when deleted_tickets.id is not null then 'deleted' end as exclusion,
        {{ landed_columns('scores') }}
    from scores
    left join deleted_tickets
        on scores._source = deleted_tickets._source and scores.ticket_id = deleted_tickets.id
    where
        scores.age = 1
        and (scores.value like 'good%' or scores.value like 'bad%')
),

contributions as (
    select * from ticket_rows
    union all
    select * from answer_rows
),

final as (
    select
        metric,
        document,
        _source as source,
        _table as source_table,
        _batch_id as batch_id,
        _row_number as row_number,
        occurred_on,
        _currency as currency,
        cast(1 as decimal(38, 12)) as amount,
        exclusion
    from contributions
)

select * from final
