"""Reads off the landing whether what a source delivered is older than what it had delivered before."""

from collections.abc import Sequence
from itertools import groupby

from pipelines.drift.reading import Reading
from pipelines.landing.batches import BatchManifest


def old_files(batches: Sequence[BatchManifest], known: set[tuple[str, str, str]]) -> list[Reading]:
    """Return a reading for every table whose newest snapshot is, to the byte, one that a newer one had replaced.

    `batches` are those of a release, by source and table, oldest first; `known` are (source, table, batch id) of those
    that the release before was made from. What was landed since and replaced again counts for nothing: a source that
    delivered an old file by mistake may go back to the right one. No law says how probable an old file is: the chance
    is given as 0, and a person who knows that the source went back to what it was can accept it.
    """
    readings = []
    snapshots = [batch for batch in batches if batch.load == "snapshot"]
    for (source, table), group in groupby(snapshots, key=lambda batch: (batch.source, batch.table)):
        *_, newest = landed = list(group)
        published = [batch for batch in landed if (source, table, batch.batch_id) in known]
        if newest in published or not newest.rows or _is_the_last(newest, published):
            continue
        same = [batch for batch in published if _content(batch) == _content(newest)]
        if same:
            landed_on = same[-1].landed_at.date().isoformat()
            readings.append(Reading(source, table, landed_on, "old file", 1, 1, 0.0, 0.0))
    return readings


def _is_the_last(batch: BatchManifest, published: Sequence[BatchManifest]) -> bool:
    return bool(published) and _content(batch) == _content(published[-1])


def _content(batch: BatchManifest) -> list[str]:
    return sorted(file.sha256 for file in batch.files)
