"""A copy of a built warehouse in memory, in which a model can be made wrong, and everything that follows from it."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb

from pipelines.paths import DBT_PROJECT
from pipelines.releases.names import SCHEMAS, quote_name, quote_text, table_name
from tests.faults.models.project import Node, Project
from tests.faults.models.tree import Types

CATALOG = "warehouse"


class World:
    """The tables of a warehouse, in the catalog and under the names that the compiled SQL uses.

    What is changed inside `undone` is as before after it. `before` has the tables as they were, for comparison.
    """

    def __init__(self, database: Path, project: Project) -> None:
        """Copy the tables of the warehouse in `database`; its views are made anew, as tables."""
        self.project = project
        self.connection = duckdb.connect(config={"threads": 1, "memory_limit": "3GB"})
        self.connection.execute("set timezone = 'UTC'; set default_null_order = 'nulls_last'")
        self.connection.execute("set enable_progress_bar = false")
        self.connection.execute(f"attach {quote_text(str(database))} as original (read_only)")
        self.connection.execute(f"attach ':memory:' as {CATALOG}")
        self.connection.execute(f"use {CATALOG}")
        self._copy_tables()
        self._copy_views()
        self._stand_in_for_the_last_release()
        self.connection.execute("detach original")
        self.types: Types = {}
        for table, column, kind in self._ask(
            f"select table_name, column_name, data_type from duckdb_columns() where database_name = '{CATALOG}'"
        ):
            self.types.setdefault(table, {})[column] = kind
        self._content = {model.table: self.content(model) for model in project.models.values() if self._has(model)}

    def _ask(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()

    def _has(self, model: Node) -> bool:
        return model.name in self.types

    def _copy_tables(self) -> None:
        for schema, name in self._ask(
            "select schema_name, table_name from duckdb_tables() where database_name = 'original'"
        ):
            table = table_name(schema, name)
            self.connection.execute(f"create schema if not exists {quote_name(schema)}")
            self.connection.execute(f"create table {table} as select * from original.{table}")

    def _copy_views(self) -> None:
        """Views name their tables with the catalog, so they are made again here; what nothing reads is left out."""
        views = self._ask(
            "select schema_name, view_name, sql from duckdb_views() where database_name = 'original' and not internal "
            "order by view_name"
        )
        # those of the landing are no models, and are read by those that are
        place = {name: number for number, name in enumerate(self.project.order)}
        views.sort(key=lambda view: place.get(view[1], -1))
        for schema, _, sql in views:
            self.connection.execute(f"create schema if not exists {quote_name(schema)}")
            self.connection.execute(sql)
        for schema, name, _ in reversed(views):
            table = table_name(schema, name)
            self.connection.execute(f"create table _kept as select * from {table}")
            self.connection.execute(f"drop view {table}")
            self.connection.execute(f"create table {table} as select * from _kept")
            self.connection.execute("drop table _kept")

    def _stand_in_for_the_last_release(self) -> None:
        """There was none: what an expectation asks of it is empty."""
        self.connection.execute("attach ':memory:' as previous")
        for schema, name in self._ask(
            f"select schema_name, table_name from duckdb_tables() where database_name = '{CATALOG}'"
        ):
            if schema in SCHEMAS:
                table = table_name(schema, name)
                self.connection.execute(f"create schema if not exists previous.{quote_name(schema)}")
                self.connection.execute(f"create table previous.{table} as select * from {table} where false")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo inside the block, after it, whatever was done to tables."""
        self.connection.execute("begin")
        try:
            yield
        finally:
            self.connection.execute("rollback")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Stop what runs for longer: duckdb.InterruptException is raised."""
        timer = Timer(seconds, self.connection.interrupt)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def shape(self, sql: str) -> dict[str, str]:
        """Return the columns and types that a query gives. Raises duckdb.Error."""
        return {row[0]: row[1] for row in self._ask(f"describe ({sql})")}

    def build(self, model: Node, sql: str | None = None) -> bool:
        """Build a model's table again, with `sql` for its own; return whether its content is another than at first."""
        if model.sql is None:
            self._build_python(model)
        else:
            columns = ", ".join(quote_name(column) for column in self.types[model.name])
            self.connection.execute(
                f"create or replace table {model.table} as select {columns} from ({sql or model.sql})"
            )
        return self.is_changed(model)

    def is_changed(self, model: Node) -> bool:
        """Return whether the content of a model's table is another than at first."""
        return self.content(model) != self._content[model.table]

    def content(self, model: Node) -> tuple:
        """Return how many rows a model's table has, and a number that depends on all its values."""
        ((rows, total),) = self._ask(f"select count(*), sum(hash(t)::hugeint) from {model.table} as t")
        return rows, total

    def _build_python(self, model: Node) -> None:
        file = DBT_PROJECT.parent / "dbt_project" / Path(model.file)
        spec = importlib.util.spec_from_file_location(model.name, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        rows = module.model(_Dbt(self, model), self.connection)
        self.connection.register("_rows", rows)
        self.connection.execute(f"create or replace table {model.table} as select * from _rows")
        self.connection.unregister("_rows")


@dataclass(frozen=True)
class _Config:
    values: dict[str, Any]

    def __call__(self, **_: object) -> None:
        """Take what the model configures; it is known already."""

    def get(self, name: str) -> Any:
        return self.values.get(name)


class _Dbt:
    """What dbt gives to a model in Python."""

    def __init__(self, world: World, model: Node) -> None:
        self._world = world
        self.config = _Config(model.config)

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        return self._world.connection.table(f"{CATALOG}.{self._world.project.models[name].table}")
