-- One row per landed call: what the file itself says, past the models that the reconciliation checks. A year has begun
-- as often as March, the first month in which the bank calls again, followed on a later one.
with

calls as (
    select
        *,
        coalesce(lag(month) over (partition by _source order by _row_number asc nulls last), month) as previous_month
    from {{ source('bank_marketing', 'call') }}
    where _is_live
),

placed as (
    select
        *,
        cast((position(month in 'janfebmaraprmayjunjulaugsepoctnovdec') + 2) / 3 as integer) as month_number,
        2008 + count(*) filter (where month = 'mar' and previous_month = 'dec') over (
            partition by _source order by _row_number asc nulls last
            rows between unbounded preceding and current row
        ) as called_in
    from calls
),

final as (
    select
        'activities' as metric,
        cast(_row_number as string) as document,
        _source as source,
        _table as source_table,
        _batch_id as batch_id,
        _row_number as row_number,
        cast(
            cast(called_in as string) || '-'
            || lpad(cast(month_number as string), 2, '0')
            || '-01' as date
        ) as occurred_on,
        _currency as currency,
        cast(1 as decimal(38, 12)) as amount,
        cast(null as string) as exclusion
    from placed
)

select * from final
