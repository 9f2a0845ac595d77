"""What readers take and give: a file, how it is read, and the lines that are not rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.config import Source
from pipelines.errors import SourceError

TEXT_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
FORMATS = {**TEXT_FORMATS, ".parquet": "parquet", ".xlsx": "xlsx"}
SUFFIXES = "csv, tsv, txt, jsonl, ndjson, parquet, xlsx (each also with .gz)"


@dataclass(frozen=True)
class Reading:
    """How the files of a table are read. None means: found out from the file."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheet: str | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the options by name, for hashing."""
        return asdict(self)


@dataclass(frozen=True)
class DataFile:
    """One file of a table; `name` is its path relative to the source's location, with forward slashes."""

    source: str
    table: str
    name: str
    path: Path

    @property
    def compressed(self) -> bool:
        """Whether the name ends in .gz."""
        return self.name.lower().endswith(".gz")

    @property
    def format(self) -> str | None:
        """One of csv, jsonl, parquet, xlsx; None for a suffix that no reader knows."""
        return format_of(self.name)

    def error(self, problem: str) -> SourceError:
        """Return an error that says where: source, table and file."""
        return SourceError(f"source {self.source}: table {self.table}: {self.path}: {problem}")


@dataclass(frozen=True)
class Reject:
    """A line (or several, of one quoted value) that could not be read as a row. `detail` is for a person."""

    line: int
    reason: str
    detail: str
    raw: str


# A row is (line where it starts, values in the order of the file's columns); a plain tuple because there are millions.
Row = tuple[int, Sequence[str | None]]
Record = Row | Reject


def format_of(name: str) -> str | None:
    """Return the format that the suffix of `name` stands for, or None."""
    lower = name.lower().removesuffix(".gz")
    return next((kind for suffix, kind in FORMATS.items() if lower.endswith(suffix)), None)


def reading_of(source: Source, table: str) -> Reading:
    """Return how the files of `table` are read: its own options where given, else the source's."""
    options, own = source.options, source.options.tables.get(table)
    return Reading(
        encoding=(own and own.encoding) or options.encoding,
        delimiter=(own and own.delimiter) or options.delimiter,
        header_row=own.header_row if own else None,
        sheet=own.sheet if own else None,
    )
