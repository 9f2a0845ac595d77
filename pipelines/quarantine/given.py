"""What a person gave back: the lines of an exported file, as they are now."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import ConfigError
from pipelines.landing.batches import LandedFile
from pipelines.quarantine.export import BATCH, OWN_COLUMNS, ROW, SOURCE, TABLE
from pipelines.sources import delimited
from pipelines.sources.content import check_unchanged, digest, guard
from pipelines.sources.encoding import resolve_encoding
from pipelines.sources.header import listed
from pipelines.sources.model import DataFile, Reading, Reject

_SHOWN = 20
_NEEDED = (SOURCE, TABLE, BATCH, ROW)


@dataclass(frozen=True)
class GivenLine:
    """One line: which landed row it is about (batch id and row number), and the row's values as they shall be."""

    number: int
    target: tuple[str, int]
    values: tuple[str | None, ...]


@dataclass(frozen=True)
class GivenFile:
    """One file, of one table of a source; `columns` are those of the lines' values."""

    path: Path
    file: LandedFile
    source: str
    table: str
    columns: tuple[str, ...]
    lines: tuple[GivenLine, ...]


def mistaken(file: Path, mistakes: list[str]) -> ConfigError:
    """Return the error for a file with mistakes, at most 20 of them, each of which names its line."""
    more = [f"  and {len(mistakes) - _SHOWN} more"] if len(mistakes) > _SHOWN else []
    shown = [f"  {mistake}" for mistake in mistakes[:_SHOWN]]
    return ConfigError("\n".join([f"{file}: {len(mistakes)} mistakes, so nothing was landed.", *shown, *more]))


def read_given(file: Path) -> GivenFile:
    """Return what is in `file`, a CSV file that was exported and then edited; any delimiter and encoding will do.

    Raises ConfigError, which names the lines, for a file that is not such a file, SourceError for one that cannot be
    read at all.
    """
    data = DataFile("quarantine", "corrections", file.name, file)
    if data.format != "csv":
        raise ConfigError(f"{file}: is no CSV file. Give back, as CSV, what `rapport quarantine export` wrote.")
    taken = digest(data)
    with guard(data):
        reading = resolve_encoding(data, Reading())
        header = delimited.columns(data, reading)
        records = list(delimited.records(data, reading))
    check_unchanged(data, taken)
    _check_header(file, header)
    mistakes = [f"line {record.line}: is not a row: {record.detail}." for record in records if _is_reject(record)]
    rows = [(line, dict(zip(header, values, strict=True))) for line, values in _rows(records)]
    mistakes += [f"line {line}: {ROW} is not a number." for line, row in rows if not _number(row)]
    tables = {(row[SOURCE] or "", row[TABLE] or "") for _, row in rows}
    if len(tables) > 1:
        mistakes.append(f"{SOURCE} and {TABLE} name {len(tables)} tables. A file holds the rows of one.")
    if not rows:
        mistakes.append("there is no row in it.")
    if mistakes:
        raise mistaken(file, mistakes)
    columns = tuple(name for name in header if name not in OWN_COLUMNS)
    lines = tuple(
        GivenLine(line, (row[BATCH] or "", int(row[ROW] or 0)), tuple(row[name] or None for name in columns))
        for line, row in rows
    )
    (table,) = tables
    return GivenFile(file, LandedFile(file.name, taken.size, taken.sha256), *table, columns, lines)


def _check_header(file: Path, header: list[str]) -> None:
    lacking = [name for name in _NEEDED if name not in header]
    if lacking:
        raise ConfigError(
            f"{file}: lacks the columns {listed(lacking)}, which say which row is meant. "
            "Give back what `rapport quarantine export` wrote, with its own first columns."
        )
    names = [name.casefold() for name in header]
    double = sorted({name for name in names if names.count(name) > 1})
    if double or "" in names:
        raise ConfigError(f"{file}: the header has a column without a name, or one twice: {listed(double)}.")


def _is_reject(record: object) -> bool:
    return isinstance(record, Reject)


def _rows(records: list) -> Iterator[tuple[int, list[str | None]]]:
    return (record for record in records if not _is_reject(record))


def _number(row: dict[str, str | None]) -> bool:
    text = row[ROW] or ""
    return text.isascii() and text.isdigit()
