"""What a candidate has to prove before anybody can read it."""

import hashlib
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ProofError, RapportError
from pipelines.quality.store import read_verdict
from pipelines.quality.verdict import Verdict
from pipelines.releases.database import opened, published_tables
from pipelines.releases.digest import TableFacts, column_types, same_rows
from pipelines.releases.names import (
    CHECKS,
    DATABASE,
    MANIFEST,
    PARQUET,
    RESTRICTED,
    RESTRICTED_DATABASE,
    VERDICT,
    VERDICT_TABLE,
    page_names,
    parquet_file,
    quote_name,
    quote_text,
    table_name,
)
from pipelines.releases.restricted import check_private, edition_facts

_SHOWN = 10


def prove(candidate: Path) -> tuple[Verdict, dict[str, TableFacts]]:
    """Return the verdict on the candidate and the facts of its tables, by `schema.table`.

    Raises ProofError unless the databases are complete, the verdict is about this content and every check passed, the
    Parquet files say the same as the tables, nobody but the owner can read the restricted edition, and there is no
    other file.
    """
    logs = sorted(path.name for path in candidate.rglob("*.wal"))
    if logs:
        raise ProofError(f"{candidate}: {', '.join(logs)} exists: the database was not closed. Build it again.")
    verdict, judged = read_verdict(candidate)
    if not verdict.passed:
        raise ProofError(_refusal(verdict))
    try:
        with opened(candidate / DATABASE) as connection:
            tables = published_tables(connection)
            facts = edition_facts(candidate)
            check_private(candidate)
            _same(judged, facts, "not what was judged")
            _only_release_files(candidate, tables, verdict)
            for schema, table in tables:
                _same_parquet(connection, candidate, schema, table)
    except ProofError:
        raise
    except (RapportError, duckdb.Error) as error:
        raise ProofError(f"{candidate}: cannot be verified: {error}") from None
    return verdict, facts


def differing(left: dict[str, str], right: dict[str, str]) -> list[str]:
    """Return the tables whose digests differ or that only one side has; the verdict's own table does not count."""
    names = (left.keys() | right.keys()) - {VERDICT_TABLE}
    return sorted(name for name in names if left.get(name) != right.get(name))


def digests(facts: dict[str, TableFacts]) -> dict[str, str]:
    """Return table -> digest."""
    return {name: found.digest for name, found in facts.items()}


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file of a release but the manifest, by its path below `folder`."""
    hashes = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            with path.open("rb") as stream:
                hashes[path.relative_to(folder).as_posix()] = hashlib.file_digest(stream, "sha256").hexdigest()
    return hashes


def check_claimed(manifest: dict[str, Any], facts: dict[str, TableFacts]) -> None:
    """Raise ProofError where `manifest` names tables already and their digests are not those of the file."""
    if "tables" not in manifest:
        return
    try:
        claimed = {name: table["digest"] for name, table in manifest["tables"].items()}
    except (AttributeError, KeyError, TypeError):
        raise ProofError("The manifest's tables have no digests; nothing was published.") from None
    _same(claimed, facts, "not what the manifest says")


def _same(expected: dict[str, str], facts: dict[str, TableFacts], meaning: str) -> None:
    names = differing(expected, digests(facts))
    if names:
        raise ProofError(f"The content of {_some(names)} is {meaning}. Nothing was published; judge it again.")


def _same_parquet(connection: duckdb.DuckDBPyConnection, candidate: Path, schema: str, table: str) -> None:
    file = parquet_file(candidate, schema, table)
    columns = column_types(connection, schema, table)
    # Parquet has no type for some of DuckDB's; what counts is that every value comes back.
    selected = ", ".join(f"{quote_name(name)}::{kind} as {quote_name(name)}" for name, kind in columns)
    source = f"read_parquet({quote_text(str(file))}, hive_partitioning = false)"
    found = connection.execute(f"select column_name from (describe from {source})").fetchall()
    same = [name for (name,) in found] == [name for name, _ in columns]
    written = f"(select {selected} from {source})"
    if not same or not same_rows(connection, table_name(schema, table), written, columns):
        raise ProofError(f"{file}: does not say the same as the table {schema}.{table}. Export it again.")


def _only_release_files(candidate: Path, tables: list[tuple[str, str]], verdict: Verdict) -> None:
    expected = {candidate / name for name in (DATABASE, VERDICT)}
    expected |= {parquet_file(candidate, schema, table) for schema, table in tables}
    if (candidate / RESTRICTED).exists():
        expected.add(candidate / RESTRICTED_DATABASE)
    found = {path for path in candidate.rglob("*") if not path.is_dir()}
    pages = ["index.html", *page_names(check.subject for check in verdict.checks).values()]
    known = expected | {candidate / MANIFEST} | {candidate / CHECKS / page for page in pages}
    strange = sorted(path.relative_to(candidate).as_posix() for path in found - known)
    missing = sorted(path.relative_to(candidate).as_posix() for path in expected - found)
    if strange:
        raise ProofError(f"{candidate}: holds {_some(strange)}, which no check has seen. Nothing was published.")
    if missing:
        raise ProofError(f"{candidate}: lacks {_some(missing)}. Export it to {PARQUET} before publishing.")


def _refusal(verdict: Verdict) -> str:
    if not verdict.checks:
        return "The verdict has no checks, so nothing is proven; nothing was published."
    lines = [f"{len(verdict.failed)} of {len(verdict.checks)} checks failed; nothing was published."]
    for check in verdict.failed[:_SHOWN]:
        found = f"found {check.observed}" if check.evaluated else f"no answer: {check.error}"
        lines.append(f"  {check.name}: {check.says} ({found})")
    if len(verdict.failed) > _SHOWN:
        lines.append(f"  ... and {len(verdict.failed) - _SHOWN} more.")
    return "\n".join(lines)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
