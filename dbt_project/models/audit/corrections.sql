-- What a person corrected, whether it counts or not: the row itself is in the landing, at batch and row number.
select
    source,
    source_table as "table",
    batch_id as batch,
    row_number,
    file,
    line,
    corrected_batch,
    corrected_row,
    is_counted
from {{ source('landing', 'corrections') }}
