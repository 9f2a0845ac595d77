-- One row per landed row that was not accepted: unreadable lines first, then every entity's rejected rows.
with

unreadable as (
    select
        rejects.source,
        rejects.source_table,
        rejects.batch_id,
        rejects._row_number as row_number,
        rejects._file as file,
        rejects._line as line,
        rejects.reason as reason_code,
        cast(null as string) as column_name,
        rejects.detail as column_value,
        rejects.raw as raw_row,
        cast(null as string) as shareable_row,
        cast(null as string) as entity,
        false as is_personal
    from {{ source('landing', 'rejects') }} as rejects
    where rejects.is_live
),

rejected as (
    {%- for entity, contract in var('contract').items() %}
    select
        _source as source,
        _table as source_table,
        _batch_id as batch_id,
        _row_number as row_number,
        _file as file,
        _line as line,
        reason_code,
        reason_column as column_name,
        reason_value as column_value,
        raw_row,
        shareable_row,
        '{{ entity }}' as entity,
        case
            when reason_column in ('{{ contract.get('direct', ['']) | join("', '") }}') then true  -- noqa: LT05
            {%- for column, kind in contract['columns'].items() if column not in contract.get('direct', []) %}
            when reason_column = '{{ column }}' then {{ is_misplaced('reason_value', kind) }}
            {%- endfor %}
            else false
        end as is_personal
    from {{ ref('int_' ~ entity ~ '_rows') }}
    where disposition = 'quarantined' and _table is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select * from unreadable
    union all
    select * from rejected
)

select * from final
