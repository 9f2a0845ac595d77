"""Which landed rows a correction replaces, and for how long it counts.

A correction names one landed row that was quarantined. It counts for as long as the source delivers that row as it
was. What the source had delivered of the same key by then stands aside with it; a row of the key that is new since
ends the correction, for then the source has spoken again.
"""

from collections import defaultdict
from collections.abc import Iterable

import duckdb

from pipelines.landing.batches import BatchManifest
from pipelines.landing.corrections import CORRECTS_BATCH, CORRECTS_ROW
from pipelines.releases.names import quote_name, quote_text
from pipelines.sources.catalog import TableSpec

Aside = dict[tuple[str, str, str], list[int]]

_CORRECTIONS = (
    "source varchar, source_table varchar, batch_id varchar, row_number bigint, corrected_batch varchar, "
    "corrected_row bigint, is_counted boolean"
)
# From `versions`, every landed row and reject of one table: which corrections count, and which rows stand aside.
_MARKS = """
create temp table marks as
with
corrections as (
    select c.batch_id, c.batch_number, c.row_number, c.row_key, c.corrects_batch, c.corrects_row, t.content as target
    from versions as c
    join versions as t on t.batch_id = c.corrects_batch and t.row_number = c.corrects_row
    where c.is_correction
),
delivered as (select * from versions where is_live and not is_correction),
known as (
    select c.batch_id, c.row_number, c.target as content from corrections as c
    union
    select c.batch_id, c.row_number, v.content
    from corrections as c
    join versions as v on v.row_key = c.row_key and v.batch_number < c.batch_number and not v.is_correction
),
spoken as (
    select distinct c.batch_id, c.row_number
    from corrections as c
    join delivered as d on d.row_key = c.row_key and d.batch_number > c.batch_number
    anti join known as k on k.batch_id = c.batch_id and k.row_number = c.row_number and k.content = d.content
),
judged as (
    select
        c.*,
        exists (from spoken as s where s.batch_id = c.batch_id and s.row_number = c.row_number) as is_answered,
        exists (from delivered as d where d.content = c.target) as is_needed
    from corrections as c
)
select
    j.*,
    j.is_needed and not j.is_answered and not exists (
        from judged as o
        where o.is_needed and not o.is_answered and (o.row_key = j.row_key or o.target = j.target)
        and (o.batch_number, o.row_number) > (j.batch_number, j.row_number)
    ) as is_counted
from judged as j
"""
_ASIDE = """
select batch_id, row_number from marks where not is_counted
union
select d.batch_id, d.row_number
from versions as d
join marks as m on d.content = m.target or (
    d.row_key = m.row_key and exists (
        from versions as v
        where v.row_key = m.row_key and v.batch_number < m.batch_number and not v.is_correction
        and v.content = d.content
    )
)
where d.is_live and not d.is_correction and (m.is_answered or m.is_needed)
order by all
"""


def apply_corrections(
    connection: duckdb.DuckDBPyConnection, specs: Iterable[TableSpec], batches: list[BatchManifest], live: set
) -> Aside:
    """Fill `landing.corrections` and return the row numbers that stand aside, by source, table and batch id.

    `live` has (source, table, batch id) of the batches whose rows count otherwise. Rows that stand aside are those
    that a correction replaces, and corrections that count no longer.
    """
    connection.execute(f"create table landing.corrections ({_CORRECTIONS})")
    tables: dict[tuple[str, str, str], list[BatchManifest]] = defaultdict(list)
    for batch in batches:
        tables[batch.system, batch.source, batch.table].append(batch)
    aside: Aside = defaultdict(list)
    for spec in specs:
        for (system, source, table), own in tables.items():
            if (system, table) == (spec.system, spec.name) and any(batch.is_correction for batch in own):
                for batch_id, row_number in _stand_aside(connection, spec, own, live):
                    aside[source, table, batch_id].append(row_number)
    return aside


def landed_columns(spec: TableSpec, batch: BatchManifest) -> list[str]:
    """Return the columns that staging reads as SQL over the batch's rows, NULL where the batch has none."""
    landed = {name.lower(): name for name in batch.columns}
    return [
        f"{quote_name(landed[c.lower()])} as {quote_name(c)}"
        if c.lower() in landed
        else f"cast(null as varchar) as {quote_name(c)}"
        for c in spec.columns
    ]


def _stand_aside(
    connection: duckdb.DuckDBPyConnection, spec: TableSpec, batches: list[BatchManifest], live: set
) -> list[tuple[str, int]]:
    selects = [select for batch in batches for select in _versions(spec, batch, live)]
    connection.execute(f"create temp table versions as {' union all '.join(selects)}")
    connection.execute(_MARKS)
    source = quote_text(batches[0].source)
    connection.execute(
        f"insert into landing.corrections select {source}, {quote_text(spec.name)}, batch_id, row_number, "
        "corrects_batch, corrects_row, is_counted from marks order by all"
    )
    found = connection.execute(_ASIDE).fetchall()
    connection.execute("drop table marks")
    connection.execute("drop table versions")
    return found


def _versions(spec: TableSpec, batch: BatchManifest, live: set) -> list[str]:
    is_live = (batch.source, batch.table, batch.batch_id) in live
    own = f"{quote_text(batch.batch_id)} as batch_id, {batch.number} as batch_number, {is_live} as is_live, "
    own += f"{batch.is_correction} as is_correction"
    corrects = "null::varchar as corrects_batch, null::bigint as corrects_row"
    if batch.is_correction:
        corrects = f"{CORRECTS_BATCH} as corrects_batch, {CORRECTS_ROW}::bigint as corrects_row"
    has_key = " and ".join(f"trim({quote_name(column)}) <> ''" for column in spec.row_key)
    rows = f"read_parquet({quote_text(str(batch.rows_file))})"
    selects = [
        f"select {own}, _row_number as row_number, 'row' || md5({_joined(spec.columns)}) as content, "
        f"case when {has_key} then {_joined(spec.row_key)} end as row_key, corrects_batch, corrects_row "
        f"from (select {', '.join(landed_columns(spec, batch))}, _row_number, {corrects} from {rows})"
    ]
    if batch.rejected:
        lines = f"read_parquet({quote_text(str(batch.rejects_file))})"
        selects.append(
            f"select {own}, _row_number, 'line' || md5(raw), null::varchar, null::varchar, null::bigint from {lines}"
        )
    return selects


def _joined(columns: Iterable[str]) -> str:
    """Values with their lengths before them, so that no two rows can spell the same; NULL is unlike any value."""
    names = [quote_name(column) for column in columns]
    return " || ".join(f"coalesce(strlen({name}) || ':' || {name}, 'N')" for name in names)
