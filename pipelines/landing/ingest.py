"""Lands what a source holds: all its tables are read first, and only then moved into the landing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipelines.config import Source
from pipelines.landing.batches import (
    MANIFEST,
    REJECTS,
    ROWS,
    BatchManifest,
    ColumnChanges,
    batch_id,
    file_sha256,
    list_batches,
)
from pipelines.landing.check import check_source
from pipelines.landing.plan import Content, files_by_table, load_of, new_content, tables_of
from pipelines.landing.store import incoming_folder, move_into_place, remove_leftovers, seal, writing
from pipelines.landing.writer import TableWriter
from pipelines.sources.catalog import TableSpec
from pipelines.sources.content import check_unchanged
from pipelines.sources.files import read_blocks, read_columns, read_records, resolve
from pipelines.sources.header import missing, union
from pipelines.sources.model import reading_of

__all__ = ["LandedTable", "check_source", "ingest_source"]

Erase = Callable[[TableSpec, Path], int]


@dataclass(frozen=True)
class LandedTable:
    """What became of one table. `batch` is its newest one; the counts (rows) and columns are that batch's."""

    source: str
    system: str
    table: str
    status: Literal["landed", "unchanged", "absent", "replay"]
    batch: BatchManifest | None
    rows: int
    rejected: int
    added_columns: tuple[str, ...]
    missing_columns: tuple[str, ...]


def ingest_source(
    source: Source,
    landing: Path,
    as_of: datetime,
    progress: Callable[[str], None] = lambda _: None,
    catalog: dict[str, TableSpec] | None = None,
    erase: Erase | None = None,
) -> list[LandedTable]:
    """Land what is new in `source` and return what became of each table, in the catalog's order.

    `as_of` (aware) is the instant of the run. When the landing holds a later batch nothing is read: today's files
    do not belong to the past. `catalog` replaces the tables of the source's system;
    `erase` changes the files of a new batch before it is sealed. Raises SourceError when a table
    cannot be read (then nothing of the source is landed), ConfigError for a table that the system does not have,
    RapportError when the landing is damaged or cannot be written.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    specs = tables_of(source, catalog)
    with writing(landing):
        remove_leftovers(landing)
    batches = list_batches(landing)
    earlier = {name: _batches_of(batches, source, name, as_of) for name in specs}
    numbers = {name: found[-1].number for name, found in earlier.items() if found}
    # what a person corrected is no delivery: the next one is compared with the one before
    earlier = {name: [batch for batch in found if not batch.is_correction] for name, found in earlier.items()}
    newest = {name: found[-1] for name, found in earlier.items() if found}
    if any(batch.landed_at > as_of for batch in batches):
        progress(f"{source.name}: nothing is read, because the landing holds batches later than {as_of:%Y-%m-%d %H:%M}")
        return [_outcome(source, spec, "replay", newest.get(name)) for name, spec in specs.items()]
    found = files_by_table(source, specs, newest)
    new = {name: new_content(source, files, earlier[name]) for name, files in found.items() if files}
    changed = {name: content for name, content in new.items() if content}
    landed = _land(source, landing, as_of, progress, specs, changed, newest, numbers, erase) if changed else {}
    outcomes = []
    for name, spec in specs.items():
        status = "landed" if name in landed else "unchanged" if found[name] else "absent"
        outcomes.append(_outcome(source, spec, status, landed.get(name, newest.get(name))))
        progress(_message(outcomes[-1]))
    return outcomes


def _land(
    source: Source,
    landing: Path,
    as_of: datetime,
    progress: Callable[[str], None],
    specs: dict[str, TableSpec],
    changed: dict[str, Content],
    newest: dict[str, BatchManifest],
    numbers: dict[str, int],
    erase: Erase | None,
) -> dict[str, BatchManifest]:
    landed = {}
    with writing(landing), incoming_folder(landing, f"{source.system}-{source.name}") as aside:
        for name, content in changed.items():
            progress(f"{source.name}.{name}: reading {', '.join(file.name for file, _ in content.files)}")
            number = numbers.get(name, 0) + 1
            previous = newest.get(name)
            landed[name] = _stage(source, specs[name], content, aside / name, landing, as_of, previous, number, erase)
        for name, batch in landed.items():
            move_into_place(aside / name, batch, landing)
    return landed


def _stage(
    source: Source,
    spec: TableSpec,
    content: Content,
    folder: Path,
    landing: Path,
    as_of: datetime,
    previous: BatchManifest | None,
    number: int,
    erase: Erase | None,
) -> BatchManifest:
    """Write a whole batch into `folder`, and return its manifest, which already names the batch's final place."""
    folder.mkdir()
    columns, rows, rejected = _write(source, spec, content, folder)
    if erase:
        erase(spec, folder)
    identity = batch_id(number, content.content_hash)
    changes = (
        ColumnChanges(missing(previous.columns, columns), missing(columns, previous.columns)) if previous else None
    )
    batch = BatchManifest(
        system=source.system,
        source=source.name,
        table=spec.name,
        batch_id=identity,
        number=number,
        landed_at=as_of.astimezone(UTC),
        load=load_of(source, spec.name),
        rows=rows,
        rejected=rejected,
        content_hash=content.content_hash,
        files=content.landed_files,
        columns=columns,
        added_columns=missing(spec.columns, columns),
        missing_columns=missing(columns, spec.columns),
        changed_columns=changes or ColumnChanges(),
        rows_sha256=file_sha256(folder / ROWS),
        rejects_sha256=file_sha256(folder / REJECTS),
        folder=landing / source.system / source.name / spec.name / identity,
    )
    (folder / MANIFEST).write_text(batch.to_json(), encoding="utf-8")
    seal(folder)
    return batch


def _write(source: Source, spec: TableSpec, content: Content, folder: Path) -> tuple[tuple[str, ...], int, int]:
    opened = []
    for file, taken in content.files:
        reading = resolve(file, reading_of(source, spec.name))
        opened.append((file, taken, reading, read_columns(file, spec, reading)))
    columns = union(names for *_, names in opened)
    with TableWriter(folder, columns) as writer:
        for file, taken, reading, names in opened:
            if file.format == "parquet":
                writer.add_blocks(file.name, names, read_blocks(file))
            else:
                writer.add_file(file.name, names, read_records(file, reading, names))
            check_unchanged(file, taken)
    return columns, writer.rows, writer.rejected


def _batches_of(batches: Sequence[BatchManifest], source: Source, table: str, as_of: datetime) -> list[BatchManifest]:
    place = (source.system, source.name, table)
    return [b for b in batches if (b.system, b.source, b.table) == place and b.landed_at <= as_of]


def _outcome(source: Source, spec: TableSpec, status: str, batch: BatchManifest | None) -> LandedTable:
    return LandedTable(
        source=source.name,
        system=source.system,
        table=spec.name,
        status=status,
        batch=batch,
        rows=batch.rows if batch else 0,
        rejected=batch.rejected if batch else 0,
        # Asked again of today's catalog: it may have changed since the batch was landed.
        added_columns=missing(spec.columns, batch.columns) if batch else (),
        missing_columns=missing(batch.columns, spec.columns) if batch else (),
    )


def _message(table: LandedTable) -> str:
    where = f"{table.source}.{table.table}"
    if table.batch is None:
        return f"{where}: absent"
    rejected = f", {table.rejected:,} lines rejected" if table.rejected else ""
    return f"{where}: {table.status}, {table.rows:,} rows{rejected} (batch {table.batch.batch_id})"
