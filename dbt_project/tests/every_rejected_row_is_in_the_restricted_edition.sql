-- A row per row of one list of what was rejected that the other list does not have.
with

listed as (
    select
        source,
        "table" as source_table,
        batch as batch_id,
        row_number,
        1 as times
    from {{ ref('quarantine') }}
    union all
    select
        source,
        source_table,
        batch_id,
        row_number,
        -1 as times
    from {{ ref('quarantined_row') }}
)

select
    source,
    source_table,
    batch_id,
    row_number
from listed
group by source, source_table, batch_id, row_number
having sum(times) <> 0
