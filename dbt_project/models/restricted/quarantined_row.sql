-- One row per row of audit.quarantine, with all that the source delivered.
with

final as (
    select
        source,
        source_table,
        batch_id,
        row_number,
        file,
        line,
        entity,
        reason_code,
        column_name,
        column_value,
        raw_row
    from {{ ref('int_quarantine') }}
)

select * from final
