"""The quarantined rows of a release, or of the last candidate that was refused. Personal values are withheld."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ConfigError, RapportError
from pipelines.paths import Home
from pipelines.releases.catalog import current_release, list_releases
from pipelines.releases.names import parquet_file, quote_name, quote_text
from pipelines.releases.refused import CANDIDATE_FILE, QUARANTINE_FILE
from pipelines.scratch import in_memory


@dataclass(frozen=True)
class QuarantinedRow:
    """One landed row that was not accepted; `value` and `raw_row` are without personal columns."""

    source: str
    table: str
    batch: str
    row_number: int
    file: str
    line: int
    entity: str | None
    reason_code: str
    column: str | None
    value: str | None
    raw_row: str

    @property
    def id(self) -> str:
        """What the row is called on the command line: unique among all rows that were ever landed."""
        return f"{self.source}.{self.table}/{self.batch}/{self.row_number}"

    @property
    def place(self) -> tuple[str, str, str, int]:
        """Source, table, batch and row number."""
        return self.source, self.table, self.batch, self.row_number


@dataclass(frozen=True)
class Selection:
    """Which rows are meant; None: all."""

    source: str | None = None
    table: str | None = None
    entity: str | None = None
    reason_code: str | None = None

    @property
    def condition(self) -> str:
        """The selection as SQL."""
        chosen = [f"{quote_name(f.name)} = {quote_text(getattr(self, f.name))}" for f in fields(self) if self._has(f)]
        return " and ".join(chosen) or "true"

    def _has(self, field: Any) -> bool:
        return getattr(self, field.name) is not None


@dataclass(frozen=True)
class Place:
    """Where quarantined rows are read: a Parquet file, and of which release or candidate it is."""

    name: str
    file: Path


def place_of(home: Home, release: str | None = None, refused: bool = False) -> Place:
    """Return where the rows of the current release are, of release `release`, or of the last refused candidate.

    Raises ConfigError for a release that is not there and for both at once, RapportError where there is nothing.
    """
    if release and refused:
        raise ConfigError("--release and --refused exclude each other. Give one of them.")
    if refused:
        if not (home.refused / QUARANTINE_FILE).is_file():
            raise RapportError(
                f"{home.refused}: there is no refused candidate. A run that was stopped before there was a candidate "
                "(by a structural test, or a source that could not be read) leaves none."
            )
        told = json.loads((home.refused / CANDIDATE_FILE).read_text(encoding="utf-8"))
        return Place(f"refused candidate {told['release_id']}", home.refused / QUARANTINE_FILE)
    found = current_release(home.releases)
    if release:
        known = {one.id: one for one in list_releases(home.releases)}
        if release not in known:
            raise ConfigError(f"--release: found {release!r}, allowed: {', '.join(known) or 'nothing was published'}.")
        found = known[release]
    if found is None:
        raise RapportError(f"{home.releases}: nothing was published yet. Run: rapport run")
    return Place(f"release {found.id}", parquet_file(found.folder, "audit", "quarantine"))


def read_rows(place: Place, selection: Selection | None = None) -> list[QuarantinedRow]:
    """Return the selected rows, by source, table, batch and row number. Raises RapportError."""
    names = ", ".join(quote_name(field.name) for field in fields(QuarantinedRow))
    condition = (selection or Selection()).condition
    try:
        with in_memory() as connection:
            found = connection.execute(
                f"select {names} from read_parquet({quote_text(str(place.file))}) where {condition} "
                'order by source, "table", batch, row_number'
            ).fetchall()
    except duckdb.Error as error:
        raise RapportError(f"{place.file}: cannot be read: {error}") from None
    return [QuarantinedRow(*row) for row in found]


def counts(rows: Iterable[QuarantinedRow]) -> list[tuple[str, str, str, str, str, int]]:
    """Return source, table, entity, reason, column and how many rows, most first."""
    found = Counter((r.source, r.table, r.entity or "", r.reason_code, r.column or "") for r in rows)
    return [(*key, count) for key, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def named(rows: Iterable[QuarantinedRow], ids: Iterable[str]) -> list[QuarantinedRow]:
    """Return the rows with these ids, in their order; `<batch>/<row number>` will do. Raises ConfigError for others."""
    known = {row.id: row for row in rows}
    found = []
    for wanted in ids:
        matches = [row for one, row in known.items() if one == wanted or one.endswith(f"/{wanted}")]
        if len(matches) != 1:
            what = "is not in quarantine here" if not matches else "names several rows: give source.table/batch/row"
            raise ConfigError(f"row {wanted!r}: {what}. The ids are those that `rapport quarantine list --rows` shows.")
        found += matches
    return found
