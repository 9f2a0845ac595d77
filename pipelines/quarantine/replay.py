"""Brings quarantined rows back: lands corrections, and says what a new build changed in quarantine."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pipelines.audit_log import record
from pipelines.config import Settings, run_instant
from pipelines.errors import ConfigError
from pipelines.landing.batches import BatchManifest, list_batches
from pipelines.landing.corrections import stage_corrections
from pipelines.landing.store import incoming_folder, move_into_place, remove_leftovers, writing
from pipelines.quarantine.corrections import Corrections, find_corrections
from pipelines.quarantine.given import GivenFile, read_given
from pipelines.quarantine.rows import QuarantinedRow, place_of, read_rows
from pipelines.quarantine.trial import try_out
from pipelines.refresh.lock import only_run
from pipelines.releases.catalog import current_release
from pipelines.releases.refused import QUARANTINE_FILE
from pipelines.sources.catalog import TableSpec, load_catalog


@dataclass(frozen=True)
class Landed:
    """What became of the given files: lines that correct a row, lines as they were, and lines that were known."""

    batches: tuple[BatchManifest, ...]
    corrected: int
    unchanged: int
    known: int


@dataclass(frozen=True)
class Change:
    """The quarantine before and after: counts per reason, the rows that left it, and those that came into it."""

    before: dict[str, int]
    after: dict[str, int]
    left: tuple[QuarantinedRow, ...]
    came: tuple[QuarantinedRow, ...]


def replay_instant(settings: Settings, clock: datetime) -> datetime:
    """Return the as_of (aware, UTC) of a replay: that of the current release, or of what was landed after it.

    So a replay differs from the release by what was corrected and by nothing else. Without either, that of a run which
    starts at `clock` (aware).
    """
    release = current_release(settings.folders.releases)
    moments = [batch.landed_at for batch in list_batches(settings.folders.landing)]
    if release:
        moments.append(datetime.fromisoformat(release.manifest["as_of"]))
    return max(moments, default=run_instant(settings, clock))


def land_files(settings: Settings, files: Sequence[Path], as_of: datetime, check_only: bool = False) -> Landed:
    """Land the corrections in `files` (CSV files, or folders of them) as new batches, all or none of them.

    Each is tried out first by the models' own rules. With `check_only` nothing is landed. Raises ConfigError that names
    the lines with mistakes; RapportError where another run is at work or the landing is damaged.
    """
    home = settings.folders
    given = [read_given(file) for file in _files(files)]
    with only_run(home.lock):
        with writing(home.landing):
            remove_leftovers(home.landing)
        batches = list_batches(home.landing)
        quarantined = _quarantined(settings)
        found = [_found(settings, one, batches, quarantined) for one in given]
        landed = _land(settings, as_of, batches, found, check_only)
    return Landed(
        landed,
        sum(len(one.file.rows) for one in found if one.file),
        sum(one.unchanged for one in found),
        sum(one.known for one in found),
    )


def quarantine_now(settings: Settings) -> list[QuarantinedRow]:
    """Return the quarantined rows of the current release; none where nothing was published yet."""
    if current_release(settings.folders.releases) is None:
        return []
    return read_rows(place_of(settings.folders))


def compare(before: Sequence[QuarantinedRow], after: Sequence[QuarantinedRow]) -> Change:
    """Return what changed in quarantine between two releases."""
    old, new = {row.place for row in before}, {row.place for row in after}
    return Change(
        dict(Counter(row.reason_code for row in before)),
        dict(Counter(row.reason_code for row in after)),
        tuple(row for row in before if row.place not in new),
        tuple(row for row in after if row.place not in old),
    )


def _files(given: Sequence[Path]) -> list[Path]:
    files = [file for one in given for file in (sorted(one.glob("*.csv")) if one.is_dir() else [one])]
    if not files:
        raise ConfigError(f"{', '.join(map(str, given))}: there is no CSV file. Give what was exported and corrected.")
    return files


def _quarantined(settings: Settings) -> list[QuarantinedRow]:
    """What can be corrected: the rows of the current release, and those of the last refused candidate."""
    rows = quarantine_now(settings)
    if (settings.folders.refused / QUARANTINE_FILE).is_file():
        rows += read_rows(place_of(settings.folders, refused=True))
    return rows


def _found(
    settings: Settings, given: GivenFile, batches: list[BatchManifest], quarantined: list[QuarantinedRow]
) -> Corrections:
    place = (given.source, given.table)
    own = [batch for batch in batches if (batch.source, batch.table) == place]
    spec = _spec(settings, *place)
    if spec is None or not own:
        raise ConfigError(f"{given.path}: is about {given.source}.{given.table}, of which nothing was landed.")
    rows = {(row.batch, row.row_number): row for row in quarantined if (row.source, row.table) == place}
    return find_corrections(given, spec, own, rows)


def _spec(settings: Settings, source: str, table: str) -> TableSpec | None:
    system = next((one.system for one in settings.sources if one.name == source), None)
    return load_catalog(system).get(table) if system else None


def _land(
    settings: Settings, as_of: datetime, batches: list[BatchManifest], found: list[Corrections], check_only: bool
) -> tuple[BatchManifest, ...]:
    landing, trial = settings.folders.landing, settings.folders.warehouse / "trial"
    own: dict[tuple, list[BatchManifest]] = {}
    for batch in batches:
        own.setdefault((batch.source, batch.table), []).append(batch)
    if not any(one.file for one in found):
        return ()
    with writing(landing), incoming_folder(landing, "corrections") as aside:
        staged = []
        for number, one in enumerate(found):
            if one.file:
                earlier = own[one.file.source, one.file.table]
                batch = stage_corrections(one.file, aside / str(number), landing, as_of, earlier)
                earlier.append(batch)
                staged.append((one, batch, aside / str(number)))
        try:
            # its place in the landing is empty still: it is read where it was written
            tried = [(one, _at(batch, folder)) for one, batch, folder in staged]
            try_out(settings, as_of, [batch for batch in batches if batch.landed_at <= as_of], tried, trial)
        finally:
            shutil.rmtree(trial, ignore_errors=True)
        if check_only:
            return ()
        landed = tuple(batch for _, batch, _ in staged)
        # Recorded first: no correction is in the landing that nobody answers for.
        record(
            settings.folders.audit_log,
            "correct",
            batches=[f"{b.source}.{b.table}/{b.batch_id}" for b in landed],
            rows={f"{b.source}.{b.table}/{b.batch_id}": b.rows for b in landed},
            files={file.name: file.sha256 for b in landed for file in b.files},
        )
        for _, batch, folder in staged:
            move_into_place(folder, batch, landing)
    return landed


def _at(batch: BatchManifest, folder: Path) -> BatchManifest:
    return replace(batch, folder=folder)
