"""The floor: the SQL that dbt compiled for one night, run straight in DuckDB in one process, without dbt.

Two programs: `plan` asks dbt for the compiled SQL of a home whose warehouse was built, which is not measured;
`run` executes it.
"""

import importlib.util
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks.steps import say
from pipelines.config import load_settings
from pipelines.landing.batches import list_batches
from pipelines.memory import memory_limit
from pipelines.paths import DBT_PROJECT
from pipelines.releases.database import published_tables
from pipelines.releases.digest import TableFacts, table_facts
from pipelines.releases.names import quote_name, quote_text, table_name
from pipelines.scratch import in_memory
from pipelines.warehouse.dbt import compile_models
from pipelines.warehouse.register import register

# as in dbt_project/profiles.yml
SETTINGS = {
    "TimeZone": "UTC",
    "default_null_order": "nulls_last",
    "preserve_insertion_order": False,
    "memory_limit": memory_limit(),
    "checkpoint_threshold": "1TB",
}
EQUAL = "equal values with another digest"
_SCHEMAS = ("intermediate", "forecast", "attribution", "core", "marts", "audit", "meta", "restricted")


@click.group()
def cli() -> None:
    """Make the plan of the floor, or run it."""


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("as_of")
@click.argument("plan", type=click.Path(path_type=Path))
def plan(config: Path, as_of: str, plan: Path) -> None:
    """Write to PLAN what dbt compiles for the home of CONFIG at AS_OF, in the order in which it would be built."""
    settings = load_settings(config, None, as_of)
    nodes = compile_models(settings, settings.as_of)
    plan.write_text(json.dumps(_ordered([_step(node) for node in nodes]), default=str), encoding="utf-8")


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("as_of")
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("database", type=click.Path(path_type=Path))
@click.option("--seconds", type=click.Path(path_type=Path), help="Write there the seconds of each node, as JSON.")
def run(config: Path, as_of: str, plan: Path, database: Path, seconds: Path | None) -> None:
    """Build DATABASE from what the home of CONFIG has landed, by the steps of PLAN."""
    settings = load_settings(config, None, as_of)
    steps = json.loads(plan.read_text(encoding="utf-8"))
    say("register", "views of what was landed")
    register(database, settings, list_batches(settings.folders.landing, settings.as_of))
    spent = {}
    with duckdb.connect(str(database)) as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"set {name} = {quote_text(str(value))}")
        for schema in sorted({step["schema"] for step in steps if step["kind"] != "test"}):
            connection.execute(f"create schema if not exists {quote_name(schema)}")
        for step in steps:
            # tests and models alternate, and the steps of a run do not tell them apart either
            if not spent:
                say("build", f"{len(steps)} models, seeds and tests")
            began = time.perf_counter()
            _do(connection, step)
            spent[step["id"]] = time.perf_counter() - began
        say("close", "written back to the file")
    if seconds:
        seconds.write_text(json.dumps(spent), encoding="utf-8")


def differences(floor: Path, warehouse: Path) -> dict[str, str]:
    """Return by table how two databases of the same name differ: nothing where both say the same.

    Where only the digests differ, the values are compared: 0.0 and -0.0 are equal, and have two digests.
    """
    with in_memory() as connection:
        # views name their tables with the catalog, so that only one can be attached at a time
        ours, theirs = _facts(connection, floor), _facts(connection, warehouse)
        found = {}
        for name in sorted(ours.keys() | theirs.keys()):
            mine, other = ours.get(name), theirs.get(name)
            if mine is None or other is None:
                found[name] = "only in " + ("the run" if mine is None else "the floor")
            elif mine.rows != other.rows:
                found[name] = f"{mine.rows} and {other.rows} rows"
            elif mine != other:
                found[name] = _by_value(connection, name, floor, warehouse)
    return found


def _facts(connection: duckdb.DuckDBPyConnection, database: Path) -> dict[str, TableFacts]:
    catalog = quote_name(database.stem)
    with _attached(connection, database, catalog):
        connection.execute(f"use {catalog}")
        facts = {f"{s}.{t}": table_facts(connection, s, t) for s, t in published_tables(connection, _SCHEMAS)}
        connection.execute("use memory")
        return facts


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, database: Path, catalog: str) -> Iterator[None]:
    connection.execute(f"attach {quote_text(str(database))} as {catalog} (read_only)")
    try:
        yield
    finally:
        connection.execute("use memory")
        connection.execute(f"detach {catalog}")


def _by_value(connection: duckdb.DuckDBPyConnection, name: str, floor: Path, warehouse: Path) -> str:
    table = table_name(*name.split("."))
    with _attached(connection, floor, "ours"), _attached(connection, warehouse, "theirs"):
        (rows,) = connection.execute(
            f"select count(*) from (from (from ours.{table} except all from theirs.{table}) "
            f"union all from (from theirs.{table} except all from ours.{table}))"
        ).fetchone()
    return f"{rows} rows" if rows else EQUAL


def _step(node: Any) -> dict[str, Any]:
    kind, is_python = str(node.resource_type), getattr(node, "language", "sql") == "python"
    return {
        "id": node.unique_id,
        # what is kept from night to night is a table of the first night
        "kind": {"model": "view" if node.config.materialized == "view" else "table"}.get(kind, kind),
        "schema": node.schema,
        "name": node.alias,
        "needs": list(getattr(node.depends_on, "nodes", [])),
        "sql": None if is_python or kind == "seed" else node.compiled_code,
        "file": str(DBT_PROJECT / node.original_file_path),
        "is_python": is_python,
        "config": {**node.config.extra, **node.config.meta} if is_python else {},
        "types": dict(node.config.column_types) if kind == "seed" else {},
    }


def _ordered(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is read comes before what reads it; a test follows the last that it is about, as in `dbt build`."""
    by_id = {step["id"]: step for step in steps if step["kind"] not in ("unit_test", "snapshot")}
    tests = [step for step in by_id.values() if step["kind"] == "test"]
    ordered: dict[str, dict[str, Any]] = {}

    def visit(step: dict[str, Any]) -> None:
        if step["id"] in ordered:
            return
        for need in step["needs"]:
            if need in by_id:
                visit(by_id[need])
        ordered[step["id"]] = step

    for step in by_id.values():
        if step["kind"] != "test":
            visit(step)
            for test in tests:
                if test["id"] not in ordered and all(n in ordered or n not in by_id for n in test["needs"]):
                    ordered[test["id"]] = test
    return list(ordered.values())


def _do(connection: duckdb.DuckDBPyConnection, step: dict[str, Any]) -> None:
    target = table_name(step["schema"], step["name"])
    if step["kind"] == "test":
        (failures,) = connection.execute(f"select count(*) from ({step['sql']}) as failing").fetchone()
        if failures:
            raise click.ClickException(f"{step['id']}: {failures} rows")
    elif step["kind"] == "seed":
        columns = ", ".join(
            f"cast({quote_name(name)} as {kind}) as {quote_name(name)}" for name, kind in step["types"].items()
        )
        read = f"read_csv({quote_text(step['file'])}, header = true, all_varchar = true)"
        connection.execute(f"create table {target} as select {columns} from {read}")
    elif step["is_python"]:
        connection.register("_rows", _run_python(connection, step))
        connection.execute(f"create table {target} as select * from _rows")
        connection.unregister("_rows")
    else:
        what = "view" if step["kind"] == "view" else "table"
        connection.execute(f"create {what} {target} as {step['sql']}")


class _Dbt:
    """What a Python model is given by dbt, as far as these models use it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, config: dict[str, Any]) -> None:
        self._connection = connection
        self.config = _Config(config)

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        (schema,) = self._connection.execute(
            "select table_schema from information_schema.tables "
            "where table_name = ? and table_catalog = current_catalog()",
            [name],
        ).fetchone()
        return self._connection.sql(f"select * from {table_name(schema, name)}")


class _Config(dict):
    def __call__(self, **_: Any) -> None:
        """What a model says of its own materialization does not matter here."""


def _run_python(connection: duckdb.DuckDBPyConnection, step: dict[str, Any]) -> Any:
    spec = importlib.util.spec_from_file_location(step["name"], step["file"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.model(_Dbt(connection, step["config"]), connection)


def seconds_of(file: Path, ids: Iterable[str]) -> float:
    """Return the seconds that the nodes `ids` took, out of what a run of the floor wrote."""
    spent = json.loads(file.read_text(encoding="utf-8"))
    return sum(spent[one] for one in ids if one in spent)


if __name__ == "__main__":
    cli()
