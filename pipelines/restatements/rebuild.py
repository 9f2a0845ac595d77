"""Builds models again from the SQL that dbt compiled, without dbt: fast enough to do it several times in a night."""

import importlib.util
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import RapportError
from pipelines.paths import DBT_PROJECT
from pipelines.releases.digest import column_types, same_rows
from pipelines.releases.names import quote_name, table_name


@dataclass(frozen=True, eq=False)
class Model:
    """A model as dbt built it: where it is, what it reads, its compiled SQL or the file of its Python."""

    unique_id: str
    schema: str
    name: str
    needs: tuple[str, ...]
    sql: str
    python_file: Path | None
    config: dict[str, Any]
    is_view: bool

    @property
    def rules(self) -> tuple[str, dict[str, Any]]:
        """What it is built by: its SQL, and what its Python is told."""
        return self.sql, self.config


def models_of(nodes: Iterable[Any]) -> list[Model]:
    """Return the models among dbt's `nodes` (of the results of one build), in the order in which they were built."""
    return [_model(node) for node in nodes if str(node.resource_type) == "model"]


def save_models(models: list[Model], file: Path) -> None:
    """Write `models` to `file`, for `load_models`."""
    records = [{**asdict(model), "python_file": model.python_file and str(model.python_file)} for model in models]
    file.write_text(json.dumps(records, ensure_ascii=False, default=str), encoding="utf-8")


def load_models(file: Path) -> list[Model]:
    """Return the models that were saved in `file`. Raises RapportError where there are none."""
    try:
        records = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RapportError(
            f"{file}: the models of the last build cannot be read: {error}. Run with --rebuild."
        ) from None
    return [
        Model(
            **{
                **record,
                "needs": tuple(record["needs"]),
                "python_file": Path(record["python_file"]) if record["python_file"] else None,
            }
        )
        for record in records
    ]


def upstream(models: list[Model], wanted: set[str]) -> list[Model]:
    """Return the models that one of `wanted` (unique ids) reads, however indirectly, and those themselves, in order."""
    by_id = {model.unique_id: model for model in models}
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in by_id and name not in found:
            found.add(name)
            waiting += by_id[name].needs
    return [model for model in _in_order(models) if model.unique_id in found]


def rebuild(connection: duckdb.DuckDBPyConnection, models: list[Model], changed: set[str]) -> set[str]:
    """Build anew what reads a model of `changed` (unique ids), however indirectly, and the tables among those.

    `models` are in building order. A table that says the same as before is left, and so is what reads it and nothing
    else that changed. Models that are views follow what they read by themselves. Returns what says anything else now.
    Raises RapportError, naming the model, where one cannot be built.
    """
    changed = set(changed)
    for model in models:
        if not changed.intersection([model.unique_id, *model.needs]):
            continue
        if model.is_view or _is_built_otherwise(connection, model):
            changed.add(model.unique_id)
        else:
            changed.discard(model.unique_id)
    return changed


def _is_built_otherwise(connection: duckdb.DuckDBPyConnection, model: Model) -> bool:
    """Build `model`; return whether it says anything else than before. Raises RapportError."""
    try:
        rows = model.sql
        if model.python_file is not None:
            connection.register("_rows", _run_python(connection, model))
            rows = "select * from _rows"
        is_other = _replace(connection, model, rows)
        if model.python_file is not None:
            connection.unregister("_rows")
    except duckdb.Error as error:
        raise RapportError(f"{model.schema}.{model.name}: cannot be built again: {error}") from None
    return is_other


def _replace(connection: duckdb.DuckDBPyConnection, model: Model, rows: str) -> bool:
    """Put a table of `rows` (SQL) in the place of the table or view of `model`, with the same columns.

    Returns whether it says anything else; if not, the old one stays.
    """
    target, anew = table_name(model.schema, model.name), table_name(model.schema, f"{model.name}__anew")
    connection.execute(f"create table {anew} as from {target} limit 0")
    connection.execute(f"insert into {anew} by name {rows}")
    if same_rows(connection, target, anew, column_types(connection, model.schema, model.name)):
        connection.execute(f"drop table {anew}")
        return False
    (is_view,) = connection.execute(
        "select count(*) > 0 from duckdb_views() where database_name = current_database() "
        "and schema_name = ? and view_name = ?",
        [model.schema, model.name],
    ).fetchone()
    connection.execute(f"drop {'view' if is_view else 'table'} {target}")
    connection.execute(f"alter table {anew} rename to {quote_name(model.name)}")
    return True


def _model(node: Any) -> Model:
    is_python = node.language == "python"
    return Model(
        unique_id=node.unique_id,
        schema=node.schema,
        name=node.alias,
        needs=tuple(node.depends_on.nodes),
        sql="" if is_python else node.compiled_code,
        python_file=DBT_PROJECT / node.original_file_path if is_python else None,
        config={**node.config.extra, **node.config.meta} if is_python else {},
        is_view=node.config.materialized == "view",
    )


def _in_order(models: list[Model]) -> list[Model]:
    """What is read comes before what reads it."""
    by_id = {model.unique_id: model for model in models}
    ordered: dict[str, Model] = {}

    def visit(model: Model) -> None:
        if model.unique_id in ordered:
            return
        for need in model.needs:
            if need in by_id:
                visit(by_id[need])
        ordered[model.unique_id] = model

    for model in models:
        visit(model)
    return list(ordered.values())


class _Config:
    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __call__(self, **_: Any) -> None:
        """What a model says of its own materialization does not matter here."""

    def get(self, name: str) -> Any:
        return self._values[name]


class _Dbt:
    """What a Python model is given by dbt, as far as our models use it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, model: Model) -> None:
        self._connection = connection
        self._schemas = {need.split(".")[-1]: need for need in model.needs}
        self.config = _Config(model.config)

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        (schema,) = self._connection.execute(
            "select schema_name from duckdb_tables() where database_name = current_database() and table_name = ? "
            "union all select schema_name from duckdb_views() "
            "where database_name = current_database() and view_name = ?",
            [name, name],
        ).fetchone()
        return self._connection.sql(f"select * from {table_name(schema, name)}")


def _run_python(connection: duckdb.DuckDBPyConnection, model: Model) -> Any:
    spec = importlib.util.spec_from_file_location(model.name, model.python_file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.model(_Dbt(connection, model), connection)
