"""The demo company's files, read and written as rows."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.demo.write import FILES

Row = dict[str, Any]


def read(source: Path, entity: str) -> tuple[list[str], list[Row]]:
    """Return the columns and the rows of an entity's file."""
    file = source / FILES[entity]
    if file.suffix == ".jsonl":
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return list(rows[0]), rows
    with _open(file, "rt") as lines:
        reader = csv.DictReader(lines)
        rows = list(reader)
        return list(reader.fieldnames or ()), rows


def write(source: Path, entity: str, columns: list[str], rows: list[Row]) -> None:
    """Replace an entity's file."""
    file = source / FILES[entity]
    if file.suffix == ".jsonl":
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return
    with _open(file, "wt") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def change(source: Path, entity: str, new: Callable[[Row], Row]) -> None:
    """Replace every row of an entity by what `new` makes of it."""
    columns, rows = read(source, entity)
    changed = [new(dict(row)) for row in rows]
    assert changed != rows, f"{entity} is as it was"
    write(source, entity, columns, changed)


def _open(file: Path, mode: str):
    if file.suffix == ".gz":
        return gzip.open(file, mode, encoding="utf-8", newline="")
    return file.open(mode.replace("t", ""), encoding="utf-8", newline="")
