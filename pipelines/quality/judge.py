"""Judges a candidate: Great Expectations evaluates what is expected, and whatever has no answer has failed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import duckdb

from pipelines.errors import RapportError
from pipelines.quality.suites import Declared, load_suites
from pipelines.quality.verdict import Check, Verdict, unanswered
from pipelines.releases.database import opened, published_tables
from pipelines.releases.digest import column_types
from pipelines.releases.names import DATABASE, VERDICT_TABLE, quote_name, quote_text, table_name

_COVERED = ("marts", "audit")


def judge(database: Path, suites: Path, release: Path | None = None) -> Verdict:
    """Return the verdict on the candidate `database` (marts.duckdb) by the expectations in the folder `suites`.

    `release` is the folder of the last release. Queries of suites name its tables `previous.<schema>.<table>`: they
    have the candidate's columns, and are empty (or NULL) where there was no release, table or column before.
    Nothing is raised for what a candidate or a suite does wrong: it is a failed check.
    """
    declared, checks = load_suites(suites)
    try:
        with _opened(database, release) as connection:
            tables = {f"{schema}.{table}" for schema, table in published_tables(connection)}
            checks += _uncovered(tables, {one.table for one in declared}, suites)
            checks += [_absent(one, database) for one in declared if one.table not in tables]
            checks += _evaluate(connection, [one for one in declared if one.table in tables])
    except (RapportError, duckdb.Error) as error:
        checks.append(unanswered("candidate", database.name, "The candidate can be read.", str(error)))
    return Verdict(tuple(sorted(checks, key=lambda check: check.name)))


@contextmanager
def _opened(database: Path, release: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the candidate, with `previous` beside it, that can reach no other file."""
    with opened(database) as connection:
        connection.execute("attach ':memory:' as previous")
        before: set[tuple[str, str, str]] = set()
        if release is not None:
            connection.execute(f"attach {quote_text(str(release / DATABASE))} as last_release (read_only)")
            before = set(_columns(connection, "last_release"))
        for schema, table in published_tables(connection):
            _show_previous(connection, schema, table, before)
        connection.execute("set enable_external_access = false")
        yield connection


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str, str]]:
    return connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        f"where database_name = {quote_text(database)}"
    ).fetchall()


def _show_previous(connection: duckdb.DuckDBPyConnection, schema: str, table: str, before: set) -> None:
    """Create previous.<schema>.<table> with the columns that the candidate's table has now."""
    name = table_name(schema, table)
    selected = ", ".join(
        quote_name(column) if (schema, table, column) in before else f"null::{kind} as {quote_name(column)}"
        for column, kind in column_types(connection, schema, table)
    )
    existed = any((schema, table) == place[:2] for place in before)
    source = f"last_release.{name}" if existed else "(select 1) where false"
    connection.execute(f"create schema if not exists previous.{quote_name(schema)}")
    connection.execute(f"create view previous.{name} as select {selected} from {source}")


def _uncovered(tables: set[str], covered: set[str], suites: Path) -> list[Check]:
    return [
        unanswered(
            f"{table}.is_covered",
            table,
            "Every published mart and ledger is checked.",
            f"no expectations for {table}: write {suites.name}/{table.split('.')[1]}.yml.",
        )
        for table in sorted(tables - covered - {VERDICT_TABLE})
        if table.split(".")[0] in _COVERED
    ]


def _absent(declared: Declared, database: Path) -> Check:
    return declared.unanswered(f"{database}: has no table {declared.table}.")


def _evaluate(connection: duckdb.DuckDBPyConnection, declared: list[Declared]) -> list[Check]:
    if not declared:
        return []
    return import_evaluate().evaluate(connection, declared)


def import_evaluate() -> ModuleType:
    """Return `pipelines.quality.evaluate`, which imports Great Expectations: late, without analytics, without Spark.

    Great Expectations 1.24 imports Spark where it finds it, and `pyspark.sql.connect` ends the whole process, with exit
    code 0, where one of its own dependencies is missing: a run would stop in its middle and look like a success.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with _hidden("pyspark"):
        from pipelines.quality import evaluate

    return evaluate


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Let `package` look as if it were not installed."""
    names = [name for name in sys.modules if name.split(".")[0] == package]
    modules = {name: sys.modules.pop(name) for name in names}
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]
        sys.modules.update(modules)
