-- The raw row without the values of personal columns; the whole row stays in the landing, at file and line.
select
    source,
    source_table as "table",
    batch_id as batch,
    row_number,
    file,
    line,
    entity,
    reason_code,
    column_name as "column",
    case when is_personal then '(withheld)' else column_value end as "value",
    coalesce(shareable_row, '(withheld)') as raw_row
from {{ ref('int_quarantine') }}
