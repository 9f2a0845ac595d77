-- One row per landed return. One without an amount is worth its share of the line.
{{ config(materialized='table') }}
with

returned as (
    {{ newest_landed('return_line', ['return_id']) }}
),

-- one row per line, for what is returned of it
lines as (
    select
        _source,
        order_line_id,
        min(units) as units,
        min(worth) as worth,
        min(currency) as currency,
        min(exclusion) as exclusion
    from {{ ref('stg_generic__control_order_line') }}
    group by _source, order_line_id
),

final as (
    select
        'returns' as metric,
        returned.return_id as document,
        {{ local_date(instant_of('returned.returned_at', 'zone')) }} as occurred_on,
        lines.currency,
        cast(coalesce(
            {{ guarded('money', 'returned.amount', 'returned._decimal_mark') }},
            {{ worth_of_part(
                guarded('quantity', 'returned.quantity', 'returned._decimal_mark'), 'lines.units', 'lines.worth'
            ) }}
        ) as decimal(38, 12)) as amount,
        case
            when {{ says_yes('returned.is_deleted') }} or lines.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('returned.is_test') }} then 'test'
            else lines.exclusion
        end as exclusion,
        {{ landed_row('returned') }}
    from returned
    {{ zone_of('returned.returned_at', 'zone', 'returned') }}
    left join lines on returned._source = lines._source and returned.order_line_id = lines.order_line_id
    where not returned.is_gone
)

select * from final
