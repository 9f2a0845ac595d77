"""Rows that a person corrected: landed as a batch of their own, beside what the source delivered."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.landing.batches import (
    CORRECTION,
    FORMAT,
    MANIFEST,
    REJECTS,
    ROWS,
    BatchManifest,
    ColumnChanges,
    LandedFile,
    batch_id,
    file_sha256,
)
from pipelines.landing.store import seal
from pipelines.landing.writer import TableWriter

CORRECTS_BATCH, CORRECTS_ROW = "_corrects_batch", "_corrects_row"


@dataclass(frozen=True)
class CorrectedRow:
    """One row as a person wants it: the `line` of the file, the landed row that it corrects, and its values."""

    line: int
    batch_id: str
    row_number: int
    values: tuple[str | None, ...]


@dataclass(frozen=True)
class CorrectionFile:
    """The corrections of one table that a file holds; `columns` are those of `values`."""

    system: str
    source: str
    table: str
    file: LandedFile
    columns: tuple[str, ...]
    rows: tuple[CorrectedRow, ...]

    @property
    def content_hash(self) -> str:
        """The hash of what decides the rows."""
        parts = [FORMAT, CORRECTION, self.system, self.source, self.table, self.file.sha256, self.columns]
        parts += [[row.line, row.batch_id, row.row_number, row.values] for row in self.rows]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def stage_corrections(
    corrections: CorrectionFile, folder: Path, landing: Path, as_of: datetime, earlier: Sequence[BatchManifest]
) -> BatchManifest:
    """Write the corrections as a sealed batch into `folder`; return its manifest, which names its place in `landing`.

    `earlier` are the table's batches in order, at least one. The rows know which landed rows they correct.
    """
    folder.mkdir()
    columns = (*corrections.columns, CORRECTS_BATCH, CORRECTS_ROW)
    with TableWriter(folder, columns) as writer:
        rows = ((row.line, (*row.values, row.batch_id, str(row.row_number))) for row in corrections.rows)
        writer.add_file(corrections.file.name, columns, rows)
    identity = batch_id(earlier[-1].number + 1, corrections.content_hash)
    batch = BatchManifest(
        system=corrections.system,
        source=corrections.source,
        table=corrections.table,
        batch_id=identity,
        number=earlier[-1].number + 1,
        landed_at=as_of.astimezone(UTC),
        load=CORRECTION,
        rows=writer.rows,
        rejected=0,
        content_hash=corrections.content_hash,
        files=(corrections.file,),
        columns=columns,
        added_columns=(),
        missing_columns=(),
        changed_columns=ColumnChanges(),
        rows_sha256=file_sha256(folder / ROWS),
        rejects_sha256=file_sha256(folder / REJECTS),
        folder=landing / corrections.system / corrections.source / corrections.table / identity,
    )
    (folder / MANIFEST).write_text(batch.to_json(), encoding="utf-8")
    seal(folder)
    return batch
