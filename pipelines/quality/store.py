"""The verdict, kept inside the candidate that it judges: as a table, and as a file with the rows that failed."""

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ProofError, RapportError
from pipelines.quality.verdict import Check, Verdict
from pipelines.releases.database import opened
from pipelines.releases.names import DATABASE, VERDICT, VERDICT_TABLE, quote_text
from pipelines.releases.restricted import edition_facts
from pipelines.scratch import in_memory

_COLUMNS = {
    "check": ("varchar", "Name of the check, the same in every release."),
    "subject": ("varchar", "Table that was checked, or the file of checks that could not be used."),
    "passed": ("boolean", "Whether the candidate passed the check; true in every published release."),
    "evaluated": ("boolean", "Whether the check gave an answer at all."),
    "says": ("varchar", "What the check proves, in a sentence."),
    "observed": ("varchar", "What was found."),
    "expected": ("varchar", "What had to be found."),
    "error": ("varchar", "Why there is no answer; empty where there is one."),
}


def store_verdict(database: Path, verdict: Verdict) -> Path:
    """Write `verdict` into `database` as audit.verdict and next to it as verdict.json, and return the path of that.

    The file also names the content that was judged (table -> digest), so that nothing else can be published under
    this verdict. Raises RapportError where the database cannot be written.
    """
    try:
        with in_memory() as connection:
            connection.execute(f"attach {quote_text(str(database))} as candidate")
            connection.execute("use candidate")
            _write(connection, verdict)
            connection.execute("checkpoint candidate")
    except duckdb.Error as error:
        raise RapportError(f"{database}: the verdict cannot be written: {error}") from None
    facts = edition_facts(database.parent)
    content = {
        "passed": verdict.passed,
        "checks": [{**_record(check), "rows": [_plain(row) for row in check.rows]} for check in verdict.checks],
        "judged": {name: found.digest for name, found in facts.items() if name != VERDICT_TABLE},
    }
    file = database.parent / VERDICT
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return file


def read_verdict(folder: Path) -> tuple[Verdict, dict[str, str]]:
    """Return the verdict of the release or candidate in `folder`, and the judged digests by table.

    Raises ProofError where the table or the file is missing or unreadable, or the two do not say the same.
    """
    told = _read_file(folder / VERDICT)
    try:
        with opened(folder / DATABASE) as connection:
            kept = connection.execute(f"select {_names()} from {VERDICT_TABLE} order by all").fetchall()
    except (duckdb.Error, RapportError) as error:
        raise ProofError(f"{folder / DATABASE}: has no readable {VERDICT_TABLE}: {error}") from None
    try:
        verdict = Verdict(tuple(Check(**_fields(record)) for record in told["checks"]))
        judged = {str(table): str(digest) for table, digest in told["judged"].items()}
        same = told["passed"] is verdict.passed and sorted(map(repr, kept)) == sorted(map(repr, _rows(verdict.checks)))
    except (KeyError, TypeError, AttributeError) as error:
        raise ProofError(f"{folder / VERDICT}: is not a verdict: {error!r}. Judge the candidate again.") from None
    if not same:
        raise ProofError(f"{folder}: {VERDICT} and {VERDICT_TABLE} do not agree. Judge the candidate again.")
    return verdict, judged


def _write(connection: duckdb.DuckDBPyConnection, verdict: Verdict) -> None:
    columns = ", ".join(f'"{name}" {kind}' for name, (kind, _) in _COLUMNS.items())
    connection.execute("create schema if not exists audit")
    connection.execute(f"create or replace table {VERDICT_TABLE} ({columns})")
    # Written out rather than bound: the first bound value makes DuckDB import pandas, which takes seconds.
    rows = [f"({', '.join(map(_literal, row))})" for row in _rows(sorted(verdict.checks, key=lambda check: check.name))]
    if rows:
        connection.execute(f"insert into {VERDICT_TABLE} values {', '.join(rows)}")
    connection.execute(
        f"comment on table {VERDICT_TABLE} is 'One row per check that this release had to pass before publication.'"
    )
    for name, (_, meaning) in _COLUMNS.items():
        connection.execute(f'comment on column {VERDICT_TABLE}."{name}" is {quote_text(meaning)}')


def _read_file(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProofError(f"{file}: there is no verdict. Judge the candidate first.") from None
    except (OSError, ValueError) as error:
        raise ProofError(f"{file}: cannot be read: {error}. Judge the candidate again.") from None


def _rows(checks: Iterable[Check]) -> list[tuple]:
    return [tuple(_record(check).values()) for check in checks]


def _record(check: Check) -> dict[str, Any]:
    values = {name: getattr(check, "name" if name == "check" else name) for name in _COLUMNS}
    return {**values, "error": check.error or ""}


def _fields(record: dict) -> dict[str, Any]:
    values = {("name" if name == "check" else name): record[name] for name in _COLUMNS}
    return {**values, "error": record["error"] or None, "rows": tuple(record["rows"])}


def _literal(value: bool | str) -> str:
    return str(value).lower() if isinstance(value, bool) else quote_text(value)


def _names() -> str:
    return ", ".join(f'"{name}"' for name in _COLUMNS)


def _plain(value: Any) -> Any:
    """A value that JSON can hold; numbers that are not exact in JSON become text."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)
