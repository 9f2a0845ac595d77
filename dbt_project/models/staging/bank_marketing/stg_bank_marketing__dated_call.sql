-- One row per landed call with the first day of its month. The file names months without years; the calls are in the
-- order in which they were made, from May 2008 on, so that a month that is earlier than the one before begins a year.
with

numbered as (
    select
        *,
        case month
            when 'jan' then 1 when 'feb' then 2 when 'mar' then 3 when 'apr' then 4 when 'may' then 5 when 'jun' then 6
            when 'jul' then 7 when 'aug' then 8 when 'sep' then 9 when 'oct' then 10 when 'nov' then 11
            when 'dec' then 12
        end as month_number
    from {{ source('bank_marketing', 'call') }}
),

turned as (
    select
        *,
        case
            when month_number < lag(month_number) over (
                partition by _source, _batch_id order by _row_number asc nulls last
            ) then 1
            else 0
        end as is_new_year
    from numbered
),

final as (
    select
        cast(_row_number as string) as call_id,
        cast(
            2008 + sum(is_new_year) over (
                partition by _source, _batch_id order by _row_number asc nulls last
                rows between unbounded preceding and current row
            ) as string
        )
        || '-' || lpad(cast(month_number as string), 2, '0') || '-01' as month_start,
        duration,
        y,
        {{ landed_columns() }}
    from turned
)

select * from final
