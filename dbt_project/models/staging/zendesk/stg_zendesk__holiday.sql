-- Holidays by day: of one that lasts several days the first is the landed row. All of such a day is closed.
with

spans as (
    select
        *,
        {{ guarded('date', 'start_date') }} as first_day,
        {{ guarded('date', 'end_date') }} as last_day
    from {{ source('zendesk', 'schedule_holiday') }}
),

bounds as (
    select
        min(first_day) as first_day,
        max(coalesce(last_day, first_day)) as last_day
    from spans
    having min(first_day) is not null
),

spine as (
    {{ date_spine('first_day', 'last_day', 'bounds') }}
),

days as (
    select
        spans.*,
        spine.date_day,
        spine.date_day is null or spine.date_day = spans.first_day as is_first
    from spans
    left join spine
        on spine.date_day >= spans.first_day
        and spine.date_day <= coalesce(spans.last_day, spans.first_day)
),

final as (
    select
        days.schedule_id,
        coalesce(cast(days.date_day as string), days.start_date) as date,
        cast(null as string) as opens,
        cast(null as string) as closes,
        days.name,
        cast(null as string) as source_updated_at,
        days._fivetran_deleted as is_deleted,
        cast(null as string) as is_test,
        days.schedule_id || '|' || days.start_date || '|' || coalesce(cast(days.date_day as string), '') as row_key,
        {{ landed_columns('days') | replace('days._table', 'case when days.is_first then days._table end as _table') }}
    from days
)

select * from final
