"""The warehouse of the last build: whether the next one may follow what changed since, or has to begin anew."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings
from pipelines.landing.batches import BatchManifest
from pipelines.landing.recorded import batch_name
from pipelines.releases.names import quote_name
from pipelines.sources.catalog import load_contract
from pipelines.warehouse.zones import zones_of

_ENGINE = ("duckdb", "dbt-core", "dbt-duckdb")
# tables of schema landing about the build itself: they differ from one way of building to the other
FOLLOWING = ("built_from", "readings", "changed", "changed_parents")
_SYSTEM_SCHEMAS = ("main", "information_schema", "pg_catalog")


def built_from(settings: Settings, fingerprint: str, rules: dict[str, Any], batches: list[BatchManifest]) -> dict:
    """Return what the mark of a complete build says: all that the kept tables depend on.

    `rules` has the version of the code and the configuration. The instant that figures are as of is not among it: the
    kept tables do not depend on it.
    """
    erased = settings.folders.erased
    return {
        "fingerprint": fingerprint,
        "rules": {
            "code": rules["code"],
            "configuration": _hash(json.dumps(rules["configuration"], sort_keys=True, default=str).encode()),
            "list of erased persons": _hash(erased.read_bytes()) if erased.exists() else None,
            "engine": [version(package) for package in _ENGINE],
            "time zones": _hash(json.dumps(zones_of(settings), default=str).encode()),
        },
        "batches": {batch_name(batch): _batch(batch) for batch in batches},
    }


def why_anew(settings: Settings, now: dict) -> str | None:
    """Return why the warehouse cannot be followed on to what `now` says, for people; None where it can be.

    `now` is what `built_from` gives for the build that is about to begin. Any doubt is a reason.
    """
    mark, database = settings.folders.built_mark, settings.folders.database
    if not mark.is_file() or not database.is_file():
        return "there is no complete build to follow on from"
    if database.with_name(f"{database.name}.wal").exists():
        return "the last build was not closed"
    try:
        then = json.loads(mark.read_text(encoding="utf-8"))
        for name, value in now["rules"].items():
            if then["rules"][name] != value:
                return f"the {name} changed since the last build"
        if then["rules"].keys() != now["rules"].keys():
            return "the last build says other things of itself"
        for name, value in then["batches"].items():
            if name not in now["batches"]:
                return f"batch {name} was in the last build and is not in this one"
            if now["batches"][name] != value:
                return f"batch {name} is another one than in the last build"
        fingerprint = then["fingerprint"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "what the last build says of itself cannot be read"
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.execute("select fingerprint from landing.built_from").fetchall()
    except duckdb.Error:
        return "the warehouse of the last build cannot be read"
    return None if found == [(fingerprint,)] else "the warehouse is not that of the last build"


def clear(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str, str], str]:
    """Remove everything but the kept tables; return how each batch was read, by system, source, table and batch id."""
    readings = connection.execute(
        "select system, source, source_table, batch_id, reading from landing.readings"
    ).fetchall()
    schemas = connection.execute(
        "select schema_name from duckdb_schemas() where database_name = current_database() and not internal"
    ).fetchall()
    for (schema,) in schemas:
        if schema != "intermediate" and schema not in _SYSTEM_SCHEMAS:
            connection.execute(f"drop schema {quote_name(schema)} cascade")
    kept = {f"int_{entity}_rows" for entity in load_contract()}
    for kind, column, function in (("view", "view_name", "duckdb_views()"), ("table", "table_name", "duckdb_tables()")):
        found = connection.execute(
            f"select {column} from {function} where database_name = current_database() and schema_name = 'intermediate'"
        ).fetchall()
        for (name,) in found:
            if kind == "view" or name not in kept:
                connection.execute(f"drop {kind} intermediate.{quote_name(name)}")
    return {(system, source, table, batch): reading for system, source, table, batch, reading in readings}


def reading_of(select: str, batch: BatchManifest, folder: Path, secret: str) -> str:
    """Return a hash of how staging reads a batch: by which SQL, out of which file, with which key of pseudonyms."""
    return _hash("\0".join([select.replace(str(folder), ""), batch.rows_sha256, secret]).encode())


def _batch(batch: BatchManifest) -> str:
    return " ".join([batch.rows_sha256, batch.rejects_sha256, batch.landed_at.isoformat()])


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
