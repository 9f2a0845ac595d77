"""Readings as the table audit.drift, and back: what a release read is what the next ones learn from."""

from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.drift.chance import is_alarm
from pipelines.drift.measure import Past
from pipelines.drift.reading import Reading
from pipelines.releases.catalog import list_releases
from pipelines.releases.database import opened
from pipelines.releases.names import DATABASE

_SCHEMA = pa.schema(
    {
        **dict.fromkeys(("source", "entity", "subject", "kind"), pa.string()),
        **dict.fromkeys(("observed", "of_rows", "nights"), pa.int64()),
        **dict.fromkeys(("expected", "chance"), pa.float64()),
        **dict.fromkeys(("is_alarm", "is_accepted"), pa.bool_()),
        "says": pa.string(),
    }
)
# as many releases as there are nights in two months
_NIGHTS = 60


def drift_table(readings: list[Reading], false_alarms: float, accepted: bool) -> pa.Table:
    """Return `readings` as audit.drift; all together give a false alarm with at most the probability `false_alarms`."""
    rows = [
        {
            **asdict(reading),
            "is_alarm": is_alarm(reading.chance, len(readings), false_alarms),
            "is_accepted": accepted,
            "says": reading.says,
        }
        for reading in readings
    ]
    return pa.Table.from_pylist(rows, _SCHEMA)


def past_readings(releases: Path) -> Past:
    """Return what the newest releases in `releases` have read, by source, entity, subject and kind.

    A night that was accepted though it was unusual teaches nothing: what it had is not usual by that.
    """
    past: Past = {}
    for release in list_releases(releases)[:_NIGHTS]:
        with opened(release.folder / DATABASE) as connection:
            try:
                found = connection.execute(
                    "select source, entity, subject, kind, observed, of_rows from audit.drift where not is_alarm"
                ).fetchall()
            except duckdb.CatalogException:
                continue  # published before anything was watched
        for *what, observed, rows in found:
            past.setdefault(tuple(what), []).append((observed, rows))
    return past
