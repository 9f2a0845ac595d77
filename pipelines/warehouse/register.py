"""Tells the warehouse what was landed: views over the batches, and small tables about them, in schema `landing`."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.config import Settings, Source
from pipelines.landing.batches import BatchManifest
from pipelines.memory import memory_limit
from pipelines.paths import make_private
from pipelines.releases.names import quote_name, quote_text
from pipelines.sources.catalog import TableSpec, load_catalog
from pipelines.warehouse.census import census
from pipelines.warehouse.corrections import Aside, apply_corrections, landed_columns
from pipelines.warehouse.kept import clear, reading_of
from pipelines.warehouse.pseudonyms import Pseudonyms
from pipelines.warehouse.zones import zone_of, zones_of

_BATCHES = pa.schema(
    [
        ("system", pa.string()),
        ("source", pa.string()),
        ("source_table", pa.string()),
        ("batch_id", pa.string()),
        ("batch_number", pa.int64()),
        ("landed_at", pa.timestamp("us")),
        ("is_live", pa.bool_()),
        ("is_correction", pa.bool_()),
        ("rows", pa.int64()),
        ("rejected", pa.int64()),
        ("content_hash", pa.string()),
    ]
)
_TABLES = pa.schema([("system", pa.string()), ("source_table", pa.string()), ("entity", pa.string())])
_BUILT_FROM = pa.schema([("fingerprint", pa.string())])
_CHANGED = pa.schema([(name, pa.string()) for name in ("system", "source", "source_table", "batch_id")])
_READINGS = pa.schema([*_CHANGED, ("reading", pa.string())])
_CHANGED_PARENTS = pa.schema([("entity", pa.string()), ("source", pa.string()), ("parent_id", pa.string())])


def register(
    database: Path, settings: Settings, batches: list[BatchManifest], fingerprint: str = "", follow: bool = False
) -> None:
    """Create `database` afresh with schema `landing`: what dbt reads.

    A view `<system>__<table>` per table of each enabled system, over all its batches in `batches` (those that existed
    at as_of); the columns that staging reads are always there, NULL where a batch has none. Beside them: `batches`,
    `rejects`, `corrections`, `census`, `tables` and `time_zone_offsets`; `fingerprint` says what it is built from, and
    `readings` how each batch is read.

    To `follow` on from what is in `database` keeps the tables of conformed rows, and no other. Then `changed` lists the
    batches that are new or read otherwise than then, and `changed_parents`, filled while the models are built, the ids
    that have appeared or vanished. Whether that may be is for the caller to know (see `why_anew`).
    """
    make_private(database.parent)
    if not follow:
        for leftover in (database, database.with_name(database.name + ".wal")):
            leftover.unlink(missing_ok=True)
    with duckdb.connect(str(database), config={"memory_limit": memory_limit()}) as connection:
        connection.execute("set timezone = 'UTC'")
        earlier = clear(connection) if follow else {}
        connection.execute("create schema landing")
        sources = {source.name: source for source in settings.sources}
        live = live_batches(batches)
        batches = [batch for batch in batches if batch.source in sources]
        _table(connection, "batches", _BATCHES, [_batch_row(batch, live) for batch in batches])
        specs = [spec for system in settings.systems for spec in load_catalog(system).values()]
        _table(connection, "tables", _TABLES, [(spec.system, spec.name, spec.entity) for spec in specs])
        aside = apply_corrections(connection, specs, batches, live)
        pseudonyms = Pseudonyms(connection, settings)
        readings = {}
        for spec in specs:
            own = [batch for batch in batches if (batch.system, batch.table) == (spec.system, spec.name)]
            last = max((batch.number for batch in own), default=0)
            selects = []
            for batch in own:
                personal = pseudonyms.columns_of(batch)
                is_live = _is_live(batch, live, aside)
                select = _batch_select(spec, batch, sources[batch.source], settings, is_live, last, personal)
                place = (batch.system, batch.source, batch.table, batch.batch_id)
                readings[place] = reading_of(select, batch, batch.folder, pseudonyms.key if personal else "")
                selects.append(select)
            connection.execute(_view(spec, selects))
        connection.execute(_rejects(batches, live, aside))
        census(connection, specs)
        _table(connection, "time_zone_offsets", _OFFSETS, zones_of(settings))
        _table(connection, "built_from", _BUILT_FROM, [(fingerprint,)])
        _table(connection, "readings", _READINGS, [(*place, reading) for place, reading in readings.items()])
        if follow:
            changed = [place for place, reading in readings.items() if earlier.get(place) != reading]
            _table(connection, "changed", _CHANGED, changed)
            _table(connection, "changed_parents", _CHANGED_PARENTS, [])


_OFFSETS = pa.schema(
    [
        ("time_zone", pa.string()),
        ("local_from", pa.timestamp("us")),
        ("local_until", pa.timestamp("us")),
        ("offset_minutes", pa.int64()),
    ]
)


def live_batches(batches: list[BatchManifest]) -> set[tuple[str, str, str]]:
    """Return (source, table, batch id) of the batches whose rows count.

    The newest of a snapshot table, and every one of a table that is appended to.
    Of corrections each counts by itself.
    """
    newest: dict[tuple[str, str], BatchManifest] = {}
    for batch in batches:
        if batch.is_correction:
            continue
        known = newest.get((batch.source, batch.table))
        if known is None or batch.number > known.number:
            newest[batch.source, batch.table] = batch
    return {
        (batch.source, batch.table, batch.batch_id)
        for batch in batches
        if batch.is_correction
        or batch is newest[batch.source, batch.table]
        or (batch.load == "append" and newest[batch.source, batch.table].load == "append")
    }


def _is_live(batch: BatchManifest, live: set, aside: Aside) -> str:
    """Whether a row or a rejected line of the batch counts, as SQL."""
    place = (batch.source, batch.table, batch.batch_id)
    if place in live and aside.get(place):
        return f"_row_number not in ({', '.join(map(str, aside[place]))})"
    return str(place in live).lower()


def _batch_row(batch: BatchManifest, live: set) -> tuple:
    return (
        batch.system,
        batch.source,
        batch.table,
        batch.batch_id,
        batch.number,
        _naive(batch.landed_at),
        (batch.source, batch.table, batch.batch_id) in live,
        batch.is_correction,
        batch.rows,
        batch.rejected,
        batch.content_hash,
    )


def _naive(moment: datetime | str) -> datetime:
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return moment.replace(tzinfo=None)


def _batch_select(
    spec: TableSpec,
    batch: BatchManifest,
    source: Source,
    settings: Settings,
    is_live: str,
    last: int,
    personal: set[str],
) -> str:
    # a correction that counts is as if it had been delivered last
    after = f"if({is_live}, {last}, 0)" if batch.is_correction else "0"
    own = {
        "_system": quote_text(batch.system),
        "_source": quote_text(batch.source),
        "_table": quote_text(batch.table),
        "_batch_id": quote_text(batch.batch_id),
        "_batch_number": f"cast({batch.number} + {after} as bigint)",
        "_landed_at": f"timestamp {quote_text(_naive(batch.landed_at).isoformat(sep=' '))}",
        "_row_number": "_row_number",
        "_file": "_file",
        "_line": "_line",
        "_is_live": is_live,
        "_time_zone": quote_text(zone_of(source, settings)),
        "_currency": quote_text(source.options.currency or settings.company.currency),
        "_decimal_mark": quote_text(source.options.decimal_mark),
    }
    select = ", ".join([*landed_columns(spec, batch, personal), *(f"{value} as {name}" for name, value in own.items())])
    return f"select {select} from read_parquet({quote_text(str(batch.rows_file))})"


def _view(spec: TableSpec, selects: Iterable[str]) -> str:
    body = " union all ".join(selects) or _empty(spec)
    return f"create view landing.{quote_name(f'{spec.system}__{spec.name}')} as {body}"


def _empty(spec: TableSpec) -> str:
    kinds = {"_batch_number": "bigint", "_landed_at": "timestamp", "_row_number": "bigint", "_line": "bigint"}
    kinds["_is_live"] = "boolean"
    own = ["_system", "_source", "_table", "_batch_id", "_batch_number", "_landed_at", "_row_number", "_file", "_line"]
    own += ["_is_live", "_time_zone", "_currency", "_decimal_mark"]
    nulls = [f"cast(null as {kinds.get(name, 'varchar')}) as {quote_name(name)}" for name in [*spec.columns, *own]]
    return f"select {', '.join(nulls)} where false"


def _rejects(batches: list[BatchManifest], live: set, aside: Aside) -> str:
    selects = [
        f"select {quote_text(b.system)} as system, {quote_text(b.source)} as source, "
        f"{quote_text(b.table)} as source_table, {quote_text(b.batch_id)} as batch_id, "
        f"_file, _line, _row_number, reason, detail, raw, {_is_live(b, live, aside)} as is_live "
        f"from read_parquet({quote_text(str(b.rejects_file))})"
        for b in batches
        if b.rejected
    ]
    empty = (
        "select '' as system, '' as source, '' as source_table, '' as batch_id, '' as _file, "
        "cast(0 as bigint) as _line, cast(0 as bigint) as _row_number, '' as reason, '' as detail, "
        "'' as raw, true as is_live where false"
    )
    return f"create table landing.rejects as {' union all '.join([empty, *selects])}"


def _table(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: list[tuple]) -> None:
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in schema]
    arrow = pa.table([pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)], schema=schema)
    connection.register("incoming", arrow)
    connection.execute(f"create table landing.{quote_name(name)} as select * from incoming")
    connection.unregister("incoming")
