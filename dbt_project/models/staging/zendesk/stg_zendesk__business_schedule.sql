-- Business hours by weekday. A span that goes on after midnight is one row a day, the first of which is the landed one.
-- Zendesk keeps no past of its hours: they are taken to have been the same always.
with

spans as (
    select
        *,
        {{ guarded('integer', 'start_time') }} as from_minute,
        {{ guarded('integer', 'end_time') }} as to_minute
    from {{ source('zendesk', 'schedule') }}
),

weekdays as (
    select numbers.day
    from (values (0), (1), (2), (3), (4), (5), (6)) as numbers (day)
),

-- day 0 is Sunday, which is the contract's day 7
days as (
    select
        spans.*,
        case when weekdays.day = 0 then 7 else weekdays.day end as weekday,
        case when weekdays.day is not null then greatest(spans.from_minute - 1440 * weekdays.day, 0) end as opens,
        case when weekdays.day is not null then least(spans.to_minute - 1440 * weekdays.day, 1440) end as closes,
        weekdays.day is null or spans.from_minute >= 1440 * weekdays.day as is_first
    from spans
    left join weekdays
        on spans.from_minute < 1440 * (weekdays.day + 1)
        and spans.to_minute > 1440 * weekdays.day
),

final as (
    select
        days.id as schedule_id,
        coalesce(cast(days.weekday as string), days.start_time) as weekday,
        coalesce({{ clock_time('days.opens') }}, days.start_time) as opens,
        coalesce({{ clock_time('days.closes') }}, days.end_time) as closes,
        {{ zendesk_time_zone('days.time_zone') }} as time_zone,
        '1970-01-01' as valid_from,
        cast(null as string) as valid_to,
        cast(null as string) as source_updated_at,
        days._fivetran_deleted as is_deleted,
        cast(null as string) as is_test,
        days.id || '|' || days.start_time || '|' || coalesce(cast(days.weekday as string), '') as row_key,
        {{ landed_columns('days') | replace('days._table', 'case when days.is_first then days._table end as _table') }}
    from days
)

select * from final
