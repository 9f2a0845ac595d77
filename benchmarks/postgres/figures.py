"""What two databases say of the same tables: rows, and the sum of every column of numbers."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import psycopg

from pipelines.releases.names import quote_name, quote_text, table_name

Figures = dict[str, dict[str, str]]
SCHEMAS = ("intermediate", "core", "forecast", "attribution", "marts", "audit", "meta", "restricted")
_NUMBERS = ("numeric", "bigint", "integer", "double precision")
_ROWS = "(rows)"
# floats are added up in another order
_TOLERANCE = 1e-9


def server_figures(connection: psycopg.Connection) -> Figures:
    """Return the figures of every table that dbt built in PostgreSQL, by `schema.table` and column, as text."""
    listed = ", ".join(map(quote_text, SCHEMAS))
    tables = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        f"where table_schema in ({listed}) and table_type = 'BASE TABLE' order by 1, 2"
    ).fetchall()
    found = {}
    for schema, table in tables:
        columns = connection.execute(
            "select column_name from information_schema.columns "
            "where table_schema = %s and table_name = %s and data_type = any(%s) order by ordinal_position",
            [schema, table, list(_NUMBERS)],
        ).fetchall()
        names = [name for (name,) in columns]
        found[f"{schema}.{table}"] = _named(names, connection.execute(_sums(schema, table, names)).fetchone())
    return found


def warehouse_figures(database: Path, wanted: Figures) -> Figures:
    """Return the figures of the tables and columns of `wanted` in a DuckDB database; what is not there is left out."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = {}
        for name, columns in wanted.items():
            schema, table = name.split(".")
            names = [column for column in columns if column != _ROWS]
            try:
                row = connection.execute(_sums(schema, table, names)).fetchone()
            except duckdb.Error:
                continue
            found[name] = _named(names, row)
    return found


def unequal(ours: Figures, theirs: Figures) -> dict[str, list[str]]:
    """Return by table the columns whose figures differ; rows are compared as one of them."""
    return {
        table: differing
        for table, columns in ours.items()
        if (differing := [name for name in columns if not _same(columns[name], theirs.get(table, {}).get(name))])
    }


def _sums(schema: str, table: str, names: Iterable[str]) -> str:
    sums = [f"cast(sum({quote_name(name)}) as varchar)" for name in names]
    return f"select {', '.join(['cast(count(*) as varchar)', *sums])} from {table_name(schema, table)}"


def _named(names: list[str], row: tuple) -> dict[str, str]:
    return dict(zip([_ROWS, *names], row, strict=True))


def _same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(float(one) - float(other)) <= _TOLERANCE * max(abs(float(one)), abs(float(other)), 1.0)
