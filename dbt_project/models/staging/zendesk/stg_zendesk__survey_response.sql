-- The satisfaction survey of a ticket, by its newest answer. Good is 1, bad is 0; offered and not answered has no
-- score.
with

history as (
    select
        history.*,
        {{ instant_of(utc_text('history.updated'), 'zone') }} as changed_at
    from {{ source('zendesk', 'ticket_field_history') }} as history
    {{ zone_of('history.updated', 'zone', 'history') }}
    where history._is_live
),

scores as (
    select
        *,
        case
            when value in ('good', 'good_with_comment') then 'good'
            when value in ('bad', 'bad_with_comment') then 'bad'
        end as answer,
        row_number() over (
            partition by _source, ticket_id order by changed_at desc nulls last, _row_number desc nulls last
        ) as age
    from history
    where field_name = 'satisfaction_score' and coalesce(value, 'unoffered') <> 'unoffered'
),

scored as (
    select * from scores where age = 1
),

offers as (
    select
        _source,
        ticket_id,
        min_by(updated, changed_at) as sent_at
    from history
    where field_name = 'satisfaction_score' and value = 'offered'
    group by _source, ticket_id
),

comments as (
    select
        _source,
        ticket_id,
        max_by(value, changed_at) as comment
    from history
    where field_name = 'satisfaction_comment'
    group by _source, ticket_id
),

-- an answer is about whoever held the ticket then
holders as (
    select
        scored._source,
        scored.ticket_id,
        max_by(history.value, history.changed_at) as user_id
    from scored
    inner join history
        on scored._source = history._source
        and scored.ticket_id = history.ticket_id
        and history.field_name = 'assignee_id'
        and history.changed_at <= scored.changed_at
    group by scored._source, scored.ticket_id
),

tickets as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by _source, ticket_id
                order by
                    {{ wall_clock('source_updated_at') }} desc nulls last,
                    _batch_number desc nulls last, _row_number desc nulls last
            ) as age
        from {{ ref('stg_zendesk__ticket') }}
        where _is_live
    ) as versions
    where age = 1
),

final as (
    select
        scored.ticket_id as response_id,
        'csat' as survey_kind,
        'overall' as dimension,
        case scored.answer when 'good' then '1' when 'bad' then '0' end as score,
        '0' as scale_min,
        '1' as scale_max,
        tickets.account_id,
        tickets.contact_id,
        cast(null as string) as order_id,
        scored.ticket_id,
        holders.user_id,
        {{ utc_text('offers.sent_at') }} as sent_at,
        case when scored.answer is not null then {{ utc_text('scored.updated') }} end as responded_at,
        comments.comment,
        cast(null as string) as language,
        cast(null as string) as source_updated_at,
        tickets.is_deleted,
        cast(null as string) as is_test,
        scored.ticket_id as row_key,
        {{ landed_columns('scored') | replace('scored._table', 'cast(null as string) as _table') }}
    from scored
    left join offers
        on scored._source = offers._source and scored.ticket_id = offers.ticket_id
    left join comments
        on scored._source = comments._source and scored.ticket_id = comments.ticket_id
    left join holders
        on scored._source = holders._source and scored.ticket_id = holders.ticket_id
    left join tickets
        on scored._source = tickets._source and scored.ticket_id = tickets.ticket_id
)

select * from final
