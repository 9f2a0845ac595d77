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


def downstream(models: list[Model], changed: set[str]) -> list[Model]:
    """Return the models that read one of the models `changed` (unique ids), however indirectly, in building order."""
    touched, found = set(changed), []
    for model in _in_order(models):
        if model.unique_id not in changed and touched.intersection(model.needs):
            touched.add(model.unique_id)
            found.append(model)
    return found


def upstream(models: list[Model], wanted: set[str]) -> set[Model]:
    """Return the models that one of `wanted` (unique ids) reads, however indirectly, and those themselves."""
    by_id = {model.unique_id: model for model in models}
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in by_id and name not in found:
            found.add(name)
            waiting += by_id[name].needs
    return {by_id[name] for name in found}


def rebuild(connection: duckdb.DuckDBPyConnection, models: list[Model]) -> None:
    """Build the tables of `models` anew, in order, in the place of tables or views with the same columns.

    Models that are views follow what they read by themselves. Raises RapportError, naming the model, where one cannot
    be built.
    """
    for model in models:
        if model.is_view:
            continue
        try:
            rows = model.sql
            if model.python_file is not None:
                connection.register("_rows", _run_python(connection, model))
                rows = "select * from _rows"
            _replace(connection, model, rows)
            if model.python_file is not None:
                connection.unregister("_rows")
        except duckdb.Error as error:
            raise RapportError(f"{model.schema}.{model.name}: cannot be built again: {error}") from None


def _replace(connection: duckdb.DuckDBPyConnection, model: Model, rows: str) -> None:
    """Put a table of `rows` (SQL) in the place of the table or view of `model`, with the same columns."""
    target, anew = table_name(model.schema, model.name), table_name(model.schema, f"{model.name}__anew")
    connection.execute(f"create table {anew} as from {target} limit 0")
    connection.execute(f"insert into {anew} by name {rows}")
    (is_view,) = connection.execute(
        "select count(*) > 0 from duckdb_views() where database_name = current_database() "
        "and schema_name = ? and view_name = ?",
        [model.schema, model.name],
    ).fetchone()
    connection.execute(f"drop {'view' if is_view else 'table'} {target}")
    connection.execute(f"alter table {anew} rename to {quote_name(model.name)}")


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
