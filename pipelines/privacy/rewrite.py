"""Writes the files of a batch anew without erased persons, row group by row group."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.landing.batches import MANIFEST, REJECTS, ROWS, BatchManifest, file_sha256
from pipelines.landing.store import seal
from pipelines.privacy.persons import Eraser

_NEW = ".new"


def erase_files(folder: Path, eraser: Eraser) -> int:
    """Erase persons from rows.parquet and rejects.parquet in `folder`; return how many rows and lines changed."""
    rows = _rewrite(folder / ROWS, lambda group: _rows(group, eraser)) if eraser.has_personal_columns else 0
    return rows + _rewrite(folder / REJECTS, lambda group: _lines(group, eraser))


def erase_batch(batch: BatchManifest, eraser: Eraser) -> tuple[int, BatchManifest]:
    """Erase persons from a landed batch; return how many rows and lines changed, and its manifest afterwards.

    All that the manifest says but the hashes of the two files stays. What a killed erasure left half done, the same
    erasure finishes.
    """
    changed = erase_files(batch.folder, eraser)
    after = replace(batch, rows_sha256=file_sha256(batch.rows_file), rejects_sha256=file_sha256(batch.rejects_file))
    if after != batch:
        new = batch.folder / (MANIFEST + _NEW)
        new.write_text(after.to_json(), encoding="utf-8")
        new.replace(batch.folder / MANIFEST)
        seal(batch.folder)
    return changed, after


def _rewrite(file: Path, change: Callable[[pa.Table], tuple[pa.Table, int]]) -> int:
    new, changed = file.with_name(file.name + _NEW), 0
    new.unlink(missing_ok=True)
    source = pq.ParquetFile(file)
    with pq.ParquetWriter(new, source.schema_arrow, compression="zstd") as writer:
        for number in range(source.num_row_groups):
            group, count = change(source.read_row_group(number))
            writer.write_table(group)
            changed += count
    source.close()
    if changed:
        new.replace(file)
    else:
        new.unlink()
    return changed


def _rows(group: pa.Table, eraser: Eraser) -> tuple[pa.Table, int]:
    names = {name.lower(): name for name in group.column_names if pa.types.is_string(group.schema.field(name).type)}
    columns = {low: group.column(name).to_pylist() for low, name in names.items()}
    changed: dict[str, list[str | None]] = {}
    count = 0
    for place in range(group.num_rows):
        found = eraser.row({name: values[place] for name, values in columns.items()})
        count += bool(found)
        for name, value in found.items():
            changed.setdefault(name, list(columns[name]))[place] = value
    for name, values in changed.items():
        index = group.column_names.index(names[name])
        group = group.set_column(index, group.schema.field(index), pa.array(values, pa.string()))
    return group, count


def _lines(group: pa.Table, eraser: Eraser) -> tuple[pa.Table, int]:
    index = group.column_names.index("raw")
    before = group.column(index).to_pylist()
    after = [eraser.line(raw or "") if raw else raw for raw in before]
    count = sum(one != other for one, other in zip(before, after, strict=True))
    return group.set_column(index, group.schema.field(index), pa.array(after, pa.string())), count
