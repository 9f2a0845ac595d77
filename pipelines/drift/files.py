"""Reads off the landing whether what a source delivered is older than what it had delivered before."""

from collections.abc import Sequence

from pipelines.drift.reading import Reading
from pipelines.landing.batches import BatchManifest


def old_files(batches: Sequence[BatchManifest], known: set[tuple[str, str, str]]) -> list[Reading]:
    """Return a reading for every snapshot that is, to the byte, one that a newer one had replaced.

    `batches` are those of a release, oldest first within a table; `known` are (source, table, batch id) of those that
    the release before was made from. No law says how probable that is: the chance is given as 0, and a person who
    knows that the source went back to what it was can accept it.
    """
    readings = []
    for batch in batches:
        if batch.load != "snapshot" or not batch.rows or (batch.source, batch.table, batch.batch_id) in known:
            continue
        replaced = [one for one in batches if _is_before(one, batch)][:-1]
        same = [one for one in replaced if _content(one) == _content(batch)]
        if same:
            landed_on = same[-1].landed_at.date().isoformat()
            readings.append(Reading(batch.source, batch.table, landed_on, "old file", 1, 1, 0.0, 0.0))
    return readings


def _is_before(one: BatchManifest, other: BatchManifest) -> bool:
    of_the_same = (one.source, one.table, one.load) == (other.source, other.table, other.load)
    return of_the_same and one.number < other.number


def _content(batch: BatchManifest) -> list[str]:
    return sorted(file.sha256 for file in batch.files)
