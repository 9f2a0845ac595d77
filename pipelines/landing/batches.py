"""Landed batches: what the manifest of each says, and whether the batch is still what was landed."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.errors import RapportError

FORMAT = 1
MANIFEST, ROWS, REJECTS = "manifest.json", "rows.parquet", "rejects.parquet"
CORRECTION = "correction"
_RESTORE = "Restore it from a backup: landed batches cannot be made again."


@dataclass(frozen=True)
class LandedFile:
    """A source file of a batch; size (bytes) and sha256 are of its decompressed content."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ColumnChanges:
    """How a batch's columns differ from those of the batch before it; both empty for the first."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchManifest:
    """One immutable batch. `rows` and `rejected` are counts; `landed_at` is the as_of of the run that landed it.

    `load` is that of the source's table (snapshot or append), or `correction`: rows that a person corrected.
    """

    system: str
    source: str
    table: str
    batch_id: str
    number: int
    landed_at: datetime
    load: str
    rows: int
    rejected: int
    content_hash: str
    files: tuple[LandedFile, ...]
    columns: tuple[str, ...]
    added_columns: tuple[str, ...]
    missing_columns: tuple[str, ...]
    changed_columns: ColumnChanges
    rows_sha256: str
    rejects_sha256: str
    folder: Path
    format: int = FORMAT

    @property
    def is_correction(self) -> bool:
        """Whether a person gave these rows, and not the source."""
        return self.load == CORRECTION

    @property
    def rows_file(self) -> Path:
        """The Parquet file of the rows."""
        return self.folder / ROWS

    @property
    def rejects_file(self) -> Path:
        """The Parquet file of the lines that could not be read as rows."""
        return self.folder / REJECTS

    def to_json(self) -> str:
        """Return the content of manifest.json."""
        values = asdict(self)
        del values["folder"]
        values["landed_at"] = self.landed_at.astimezone(UTC).isoformat()
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def batch_id(number: int, content_hash: str) -> str:
    """Return the name of a batch and of its folder."""
    return f"{number:06d}-{content_hash[:12]}"


def list_batches(landing: Path, as_of: datetime | None = None) -> list[BatchManifest]:
    """Return the batches landed at or before `as_of` (all if None), by system, source, table and number.

    Raises RapportError when a batch is incomplete, its manifest cannot be read, or it is not in its own place.
    """
    found = [read_manifest(folder) for folder in _batch_folders(landing)]
    found.sort(key=lambda batch: (batch.system, batch.source, batch.table, batch.number))
    return [batch for batch in found if as_of is None or batch.landed_at <= as_of]


def read_manifest(folder: Path) -> BatchManifest:
    """Return the manifest of the batch in `folder`. Raises RapportError as `list_batches` does."""
    for name in (MANIFEST, ROWS, REJECTS):
        if not (folder / name).is_file():
            raise RapportError(f"{folder / name}: is missing. {_RESTORE}")
    file = folder / MANIFEST
    try:
        batch = _from_json(json.loads(file.read_text(encoding="utf-8")), folder)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RapportError(f"{file}: cannot be read as the manifest of a batch: {error}. {_RESTORE}") from None
    place = (batch.system, batch.source, batch.table, batch.batch_id)
    if place != folder.parts[-4:] or batch.batch_id != batch_id(batch.number, batch.content_hash):
        raise RapportError(f"{file}: is the manifest of {'/'.join(place)}, and not in its place. {_RESTORE}")
    return batch


def verify_batch(manifest: BatchManifest) -> None:
    """Raise RapportError, naming the file, when the batch's Parquet files are not those that were landed."""
    expected = {manifest.rows_file: manifest.rows_sha256, manifest.rejects_file: manifest.rejects_sha256}
    for file, sha256 in expected.items():
        try:
            found = file_sha256(file)
        except OSError as error:
            raise RapportError(f"{file}: cannot be read: {error.strerror}. {_RESTORE}") from None
        if found != sha256:
            raise RapportError(f"{file}: was changed after it was landed. {_RESTORE}")


def file_sha256(file: Path) -> str:
    """Return the hash of a file as it is on disk."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _batch_folders(landing: Path) -> list[Path]:
    if not landing.is_dir():
        return []
    folders = [landing]
    for _ in ("system", "source", "table", "batch"):
        folders = [child for folder in folders for child in folder.iterdir() if _is_folder(child)]
    return folders


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def _from_json(values: dict[str, Any], folder: Path) -> BatchManifest:
    if values["format"] != FORMAT:
        raise ValueError(f"format {values['format']}, expected {FORMAT}")
    known = {field.name for field in fields(BatchManifest)} - {"folder"}
    if set(values) != known:
        raise ValueError(f"keys {', '.join(sorted(set(values) ^ known))} are missing or unknown")
    landed_at = datetime.fromisoformat(values["landed_at"])
    if landed_at.tzinfo is None:
        raise ValueError("landed_at has no time zone")
    changes = values["changed_columns"]
    return BatchManifest(
        **{
            **values,
            "landed_at": landed_at,
            "files": tuple(LandedFile(**file) for file in values["files"]),
            "columns": tuple(values["columns"]),
            "added_columns": tuple(values["added_columns"]),
            "missing_columns": tuple(values["missing_columns"]),
            "changed_columns": ColumnChanges(tuple(changes["added"]), tuple(changes["removed"])),
            "folder": folder,
        }
    )
