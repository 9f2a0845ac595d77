"""Tries corrections out in a scratch warehouse, where the models themselves say what would become of each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.config import Settings
from pipelines.errors import RapportError
from pipelines.landing.batches import BatchManifest
from pipelines.quarantine.advice import advice
from pipelines.quarantine.corrections import Corrections
from pipelines.quarantine.given import mistaken
from pipelines.releases.names import quote_name, quote_text, table_name
from pipelines.warehouse.dbt import build_some
from pipelines.warehouse.register import register

Tried = tuple[Corrections, BatchManifest]


def try_out(
    settings: Settings, as_of: datetime, batches: Sequence[BatchManifest], tried: Sequence[Tried], folder: Path
) -> None:
    """Build the rows of the corrected entities in `folder`, with `tried` beside the landed `batches`, as of `as_of`.

    Raises ConfigError, which names the lines, where a correction would not count.
    """
    database = folder / settings.folders.database.name
    register(database, settings, [*batches, *(batch for _, batch in tried)])
    entities = sorted({one.spec.entity for one, _ in tried if one.spec.entity})
    results = build_some(settings, as_of, database, [f"int_{entity}_rows" for entity in entities]) if entities else []
    failed = [f"{result.name}: {result.message}" for result in results if not result.ok]
    if failed:
        raise RapportError(f"The corrections could not be tried out: {'; '.join(failed)}")
    with duckdb.connect(str(database), read_only=True) as connection:
        for one, batch in tried:
            mistakes = [*_taken_keys(connection, one, batch), *_unaccepted(connection, one, batch)]
            if mistakes:
                raise mistaken(one.given.path, mistakes)


def _taken_keys(connection: duckdb.DuckDBPyConnection, one: Corrections, batch: BatchManifest) -> Iterable[str]:
    """Rows whose key nobody could read must not turn out to be rows that are there already."""
    view = table_name("landing", f"{one.spec.system}__{one.spec.name}")
    same = " and ".join(f"mine.{quote_name(c)} = other.{quote_name(c)}" for c in one.spec.row_key)
    found = connection.execute(
        f"select mine._line, min(other._batch_id || ', row ' || other._row_number) "
        f"from {view} as mine join {view} as other on mine._source = other._source and {same} "
        f"where mine._batch_id = {quote_text(batch.batch_id)} and mine._source = {quote_text(batch.source)} "
        "and other._is_live and other._batch_id <> mine._batch_id group by mine._line order by mine._line"
    ).fetchall()
    for line, place in found:
        if line in one.keyless:
            yield f"line {line}: its key is that of another row ({place}), which it would replace."


def _unaccepted(connection: duckdb.DuckDBPyConnection, one: Corrections, batch: BatchManifest) -> Iterable[str]:
    if one.spec.entity is None:
        return
    rows = table_name("intermediate", f"int_{one.spec.entity}_rows")
    found = connection.execute(
        f"select r._line, r.disposition, r.reason_code, r.reason_column, c.is_counted from {rows} as r "
        "join landing.corrections as c on r._source = c.source and r._table = c.source_table "
        "and r._batch_id = c.batch_id and r._row_number = c.row_number "
        f"where r._batch_id = {quote_text(batch.batch_id)} and r._source = {quote_text(batch.source)} order by r._line"
    ).fetchall()
    for line, disposition, reason, column, is_counted in found:
        if disposition == "quarantined":
            where = f" in {column}" if column else ""
            yield f"line {line}: still {reason}{where}. {advice(reason)}"
        elif line not in one.repeated and not is_counted:
            yield f"line {line}: the source has delivered this row anew since, or no longer delivers it. Export again."
        elif line not in one.repeated and disposition == "superseded":
            yield f"line {line}: a newer row of this key is there, and it is the one that counts."
