"""Which landed rows a correction replaces, and for how long it counts.

A correction names one landed row that was quarantined. It counts for as long as the source delivers that row as it
was; the row stands aside. What the source delivers of the key that is new since ends the correction, for then the
source has spoken again. A correction that counts is as if it had been delivered last.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

import duckdb

from pipelines.landing.batches import BatchManifest
from pipelines.landing.corrections import CORRECTS_BATCH, CORRECTS_ROW
from pipelines.releases.names import quote_name, quote_text
from pipelines.sources.catalog import TableSpec
from pipelines.warehouse.pseudonyms import Pseudonyms

Aside = dict[tuple[str, str, str], list[int]]

_CORRECTIONS = (
    "source varchar, source_table varchar, batch_id varchar, row_number bigint, file varchar, line bigint, "
    "corrected_batch varchar, corrected_row bigint, is_counted boolean"
)
# From `versions`, every landed row and reject of one table: which corrections count, and which rows stand aside.
_MARKS = """
create temp table marks as
with
corrections as (
    select c.batch_id, c.batch_number, c.row_number, c.file, c.line, c.row_key, t.content, t.copy,
        c.corrects_batch, c.corrects_row, t.is_live as is_target_live
    from versions as c
    join versions as t on t.batch_id = c.corrects_batch and t.row_number = c.corrects_row
    where c.is_correction
),
delivered as (select * from versions where is_live and not is_correction),
-- the row that was corrected, as it is delivered now; in another batch only where that one has replaced its own
needed as (
    select distinct c.batch_id, c.row_number, d.batch_id as aside_batch, d.row_number as aside_row
    from corrections as c
    join delivered as d on d.content = c.content and d.copy = c.copy
        and (d.batch_id = c.corrects_batch or not c.is_target_live)
),
-- rows of the key that were delivered since the correction, and are not what had been delivered of it before
answered as (
    select distinct c.batch_id, c.row_number
    from corrections as c
    join delivered as d
        on d.row_key = c.row_key and d.batch_number > c.batch_number and d.content <> c.content
    where not exists (
        from versions as v
        where v.row_key = c.row_key and v.content = d.content
        and v.batch_number < c.batch_number and not v.is_correction
    )
),
standing as (
    select * from corrections
    semi join needed using (batch_id, row_number)
    anti join answered using (batch_id, row_number)
)
select
    c.batch_id, c.row_number, c.file, c.line, c.corrects_batch, c.corrects_row, n.aside_batch, n.aside_row,
    exists (from standing as s where s.batch_id = c.batch_id and s.row_number = c.row_number) and not exists (
        from standing as s
        where (s.row_key = c.row_key or (s.corrects_batch, s.corrects_row) = (c.corrects_batch, c.corrects_row))
        and (s.batch_number, s.row_number) > (c.batch_number, c.row_number)
    ) as is_counted
from corrections as c
left join needed as n on n.batch_id = c.batch_id and n.row_number = c.row_number
"""
_ASIDE = """
select batch_id, row_number from marks where not is_counted
union
select aside_batch, aside_row from marks where aside_batch is not null
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


def landed_columns(spec: TableSpec, batch: BatchManifest, personal: Collection[str] = ()) -> list[str]:
    """Return the columns that staging reads as SQL over the batch's rows, NULL where the batch has none.

    Of the columns in `personal` (in lower case) the pseudonyms are read.
    """
    landed = {name.lower(): quote_name(name) for name in batch.columns}
    read = {low: Pseudonyms.shown(name) if low in personal else name for low, name in landed.items()}
    return [f"{read.get(c.lower(), 'cast(null as varchar)')} as {quote_name(c)}" for c in spec.columns]


def _stand_aside(
    connection: duckdb.DuckDBPyConnection, spec: TableSpec, batches: list[BatchManifest], live: set
) -> list[tuple[str, int]]:
    selects = " union all ".join(select for batch in batches for select in _versions(spec, batch, live))
    connection.execute(
        "create temp table versions as select *, "
        f"row_number() over (partition by batch_id, content order by row_number) as copy from ({selects})"
    )
    connection.execute(_MARKS)
    source = quote_text(batches[0].source)
    connection.execute(
        f"insert into landing.corrections select {source}, {quote_text(spec.name)}, batch_id, row_number, file, line, "
        "corrects_batch, corrects_row, bool_and(is_counted) from marks group by all order by all"
    )
    found = connection.execute(_ASIDE).fetchall()
    connection.execute("drop table marks")
    connection.execute("drop table versions")
    return found


def _versions(spec: TableSpec, batch: BatchManifest, live: set) -> list[str]:
    is_live = (batch.source, batch.table, batch.batch_id) in live
    own = f"{quote_text(batch.batch_id)} as batch_id, {batch.number} as batch_number, {is_live} as is_live, "
    own += f"{batch.is_correction} as is_correction, _row_number as row_number, _file as file, _line as line"
    corrects = "null::varchar as corrects_batch, null::bigint as corrects_row"
    if batch.is_correction:
        corrects = f"{CORRECTS_BATCH} as corrects_batch, {CORRECTS_ROW}::bigint as corrects_row"
    has_key = " and ".join(f"trim({quote_name(column)}) <> ''" for column in spec.row_key)
    rows = f"read_parquet({quote_text(str(batch.rows_file))})"
    selects = [
        f"select {own}, 'row' || md5({_joined(spec.columns)}) as content, "
        f"case when {has_key} then {_joined(spec.row_key)} end as row_key, corrects_batch, corrects_row "
        f"from (select {', '.join(landed_columns(spec, batch))}, _row_number, _file, _line, {corrects} from {rows})"
    ]
    if batch.rejected:
        lines = f"read_parquet({quote_text(str(batch.rejects_file))})"
        selects.append(f"select {own}, 'line' || md5(raw), null::varchar, null::varchar, null::bigint from {lines}")
    return selects


def _joined(columns: Iterable[str]) -> str:
    """Values with their lengths before them, so that no two rows can spell the same; NULL is unlike any value."""
    names = [quote_name(column) for column in columns]
    return " || ".join(f"coalesce(strlen({name}) || ':' || {name}, 'N')" for name in names)
