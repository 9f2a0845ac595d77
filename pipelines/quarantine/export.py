"""Takes quarantined rows out of the landing, whole, as CSV that a person corrects and gives back.

The rows are as the source gave them, personal data included: the file is for its owner's eyes only.
"""

import csv
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.audit_log import record
from pipelines.config import Settings
from pipelines.errors import ConfigError, RapportError
from pipelines.landing.batches import BatchManifest, list_batches, verify_batch
from pipelines.landing.corrections import CORRECTS_BATCH, CORRECTS_ROW
from pipelines.quarantine.advice import advice
from pipelines.quarantine.rows import Place, QuarantinedRow
from pipelines.releases.names import quote_name, quote_text
from pipelines.scratch import in_memory
from pipelines.sources.header import union

# How a row is found again; the names cannot be columns of a source (pipelines/sources/header.py).
SOURCE, TABLE, BATCH, ROW = "_source", "_table", "_batch_id", "_row_number"
_PLACE = (SOURCE, TABLE, BATCH, ROW, "_file", "_line")
_FINDING = ("_reason", "_column", "_what_to_do", "_line_as_it_was")
OWN_COLUMNS = (*_PLACE, *_FINDING)


@dataclass(frozen=True)
class Exported:
    """A file that was written, of which table, and how many rows are in it."""

    file: Path
    table: str
    rows: int


def export_rows(settings: Settings, place: Place, rows: Sequence[QuarantinedRow], target: Path) -> list[Exported]:
    """Write `rows` to `target`: a CSV file where they are of one table, else a folder with one per table.

    The files are readable by their owner only and below the current folder; the export is recorded in the audit log.
    Raises ConfigError for a target elsewhere or one that exists, RapportError where the landing does not have the rows.
    """
    tables: dict[tuple[str, str], list[QuarantinedRow]] = defaultdict(list)
    for row in rows:
        tables[row.source, row.table].append(row)
    files = _files(target, sorted(tables))
    batches = {(b.source, b.table, b.batch_id): b for b in list_batches(settings.folders.landing)}
    content = {key: _content(tables[key], batches) for key in files}
    # Recorded before anything is written: what cannot be recorded does not leave the landing.
    record(
        settings.folders.audit_log,
        "export",
        what="quarantine",
        of=place.name,
        rows={f"{source}.{table}": len(found) for (source, table), found in sorted(tables.items())},
        files=[str(file) for file in files.values()],
    )
    for key, file in files.items():
        _write(file, *content[key])
    return [Exported(file, f"{key[0]}.{key[1]}", len(tables[key])) for key, file in files.items()]


def landed_values(batch: BatchManifest, numbers: Iterable[int]) -> dict[int, dict[str, str | None]]:
    """Return the rows with these numbers as the source gave them: row number -> column -> text.

    A line that could not be read as a row has no columns but `_line_as_it_was`. Raises RapportError where
    the batch is not what was landed.
    """
    verify_batch(batch)
    chosen = f"_row_number in ({', '.join(map(str, numbers))})"
    own = [name for name in batch.columns if name not in (CORRECTS_BATCH, CORRECTS_ROW)]
    with in_memory() as connection:
        names = ", ".join(map(quote_name, own))
        rows = connection.execute(
            f"select _row_number, {names} from read_parquet({quote_text(str(batch.rows_file))}) where {chosen}"
        ).fetchall()
        lines = connection.execute(
            f"select _row_number, raw from read_parquet({quote_text(str(batch.rejects_file))}) where {chosen}"
        ).fetchall()
    found: dict[int, dict[str, str | None]] = {row[0]: dict(zip(own, row[1:], strict=True)) for row in rows}
    return found | {number: {"_line_as_it_was": raw} for number, raw in lines}


def _files(target: Path, tables: list[tuple[str, str]]) -> dict[tuple[str, str], Path]:
    """The file of each table."""
    resolved, here = target.resolve(), Path.cwd().resolve()
    if not resolved.is_relative_to(here) or resolved == here:
        raise ConfigError(
            f"{target}: is not below the current folder {here}. Quarantined rows hold personal data; name a place here."
        )
    if not tables:
        raise ConfigError("No quarantined row is selected, so nothing was written. See: rapport quarantine list")
    if target.suffix.lower() == ".csv":
        if len(tables) > 1:
            names = ", ".join(f"{source}.{table}" for source, table in tables)
            raise ConfigError(
                f"{target}: the rows are of {len(tables)} tables ({names}), and each has columns of its own. "
                f"Name a folder (without .csv), or choose one with --table."
            )
        files = {tables[0]: resolved}
    else:
        files = {(source, table): resolved / f"{source}.{table}.csv" for source, table in tables}
    taken = [str(file) for file in files.values() if file.exists()]
    if taken:
        raise ConfigError(
            f"{', '.join(taken)}: exists already, perhaps with somebody's corrections. Name another place."
        )
    return files


def _content(rows: list[QuarantinedRow], batches: dict) -> tuple[list[str], list[list[str]]]:
    """Header and lines of one table's file."""
    by_batch: dict[str, list[QuarantinedRow]] = defaultdict(list)
    for row in rows:
        by_batch[row.batch].append(row)
    found, headers = {}, []
    for batch_id, own in by_batch.items():
        batch = batches.get((own[0].source, own[0].table, batch_id))
        if batch is None:
            raise RapportError(f"{own[0].id}: the landing has no such batch. Restore it from a backup.")
        headers.append([name for name in batch.columns if name not in (CORRECTS_BATCH, CORRECTS_ROW)])
        for number, values in landed_values(batch, [row.row_number for row in own]).items():
            found[batch_id, number] = values
    columns = list(union(headers))
    lines = []
    for row in rows:
        values = found[row.batch, row.row_number]
        line = [row.source, row.table, row.batch, str(row.row_number), row.file, str(row.line), row.reason_code]
        # a NUL byte is why some lines were not rows; no spreadsheet takes it
        as_it_was = (values.get("_line_as_it_was") or "").replace("\0", "")
        line += [row.column or "", advice(row.reason_code), as_it_was]
        folded = {name.casefold(): value for name, value in values.items()}
        lines.append(line + [folded.get(name.casefold()) or "" for name in columns])
    return [*OWN_COLUMNS, *columns], lines


def _write(file: Path, header: list[str], lines: list[list[str]]) -> None:
    try:
        if not file.parent.exists():
            file.parent.mkdir(mode=0o700, parents=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # with a byte order mark, or spreadsheets take it for another encoding
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(lines)
    except OSError as error:
        raise RapportError(f"{file}: cannot be written: {error.strerror}.") from None
