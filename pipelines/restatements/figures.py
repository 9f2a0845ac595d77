"""The figures of marts, and how they differ between two states of the marts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.releases.names import quote_name, quote_text, table_name
from pipelines.restatements.changes import SCHEMA

PARTS = f"{SCHEMA}.parts"
_PERIOD = ("period_grain", "period_start", "period_end")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class Mart:
    """A mart: the columns that tell its rows apart, and its figures (columns with a metric and a number)."""

    name: str
    key: tuple[str, ...]
    figures: tuple[str, ...]
    has_periods: bool

    @property
    def members(self) -> list[str]:
        """The columns of the key that are not the period."""
        return [column for column in self.key if column not in _PERIOD]


def marts_of(manifest: Mapping[str, Any], connection: duckdb.DuckDBPyConnection) -> list[Mart]:
    """Return the marts of the warehouse in `connection`, with the keys that dbt's `manifest` tests them for."""
    keys = _tested_keys(manifest)
    columns: dict[str, list[tuple[str, str]]] = {}
    for name, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() where database_name = current_database() "
        "and schema_name = 'marts' order by table_name, column_index"
    ).fetchall():
        columns.setdefault(name, []).append((column, kind))
    metrics = set(connection.execute('select "table", "column" from meta.columns where metric is not null').fetchall())
    return [
        Mart(
            name,
            keys[name],
            tuple(c for c, kind in found if (name, c) in metrics and kind.startswith(_NUMBERS) and c not in keys[name]),
            any(column == "period_end" for column, _ in found),
        )
        for name, found in columns.items()
        if name in keys
    ]


def show_release(connection: duckdb.DuckDBPyConnection, marts: list[Mart], state: str, database: str) -> None:
    """Show the rows that the marts of the attached `database` of a release have, as `state`."""
    for mart in marts:
        place = f"{quote_name(database)}.{table_name('marts', mart.name)}"
        connection.execute(f"create or replace view {_kept(state, mart)} as from {place}")


def keep_state(connection: duckdb.DuckDBPyConnection, mart: Mart, state: str) -> None:
    """Keep the rows that `mart` has now, as `state`."""
    connection.execute(f"create or replace table {_kept(state, mart)} as from {table_name('marts', mart.name)}")


def forget_state(connection: duckdb.DuckDBPyConnection, mart: Mart, state: str) -> None:
    """Let go of the rows that `keep_state` kept."""
    connection.execute(f"drop table {_kept(state, mart)}")


def start_parts(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of parts: one row per figure and step in which it changed."""
    connection.execute(
        f"create or replace table {PARTS} (step integer, cause varchar, mart varchar, period_grain varchar, "
        "period_start date, is_closed boolean, member varchar, metric varchar, "
        "before decimal(38, 6), after decimal(38, 6), part decimal(38, 6))"
    )


def compare(
    connection: duckdb.DuckDBPyConnection, mart: Mart, states: tuple[str, str], step: int, cause: str, closed_by: date
) -> None:
    """Add to the parts what differs in `mart` between two states; `cause` is why.

    A period is closed if it had ended by the local day `closed_by`. A figure of a row that one state lacks is NULL
    there, and counts as 0 in the part; a 0 that comes or goes is no difference. Figures are compared at six decimals.
    Where the columns of the key are not the same in both states, no row is the same either: all go, and all come.
    """
    first, second = (_columns(connection, state, mart) for state in states)
    figures = [column for column in mart.figures if column in first or column in second]
    if not figures:
        return
    shared = first.keys() & second.keys()
    same_key = " and ".join(f"b.{quote_name(c)} is not distinct from a.{quote_name(c)}" for c in mart.key)
    on = same_key if shared.issuperset(mart.key) else "false"
    either = {
        c: f"coalesce({_of('a', c, second)}, {_of('b', c, first)})"
        for c in [*mart.key, *(_PERIOD if mart.has_periods else ())]
    }
    members = ", ".join(f"{quote_text(c)}: {either[c]}" for c in mart.members)
    period = [either[c] if mart.has_periods and c in either else "null" for c in _PERIOD]
    # most rows say the same, and those need no decimals
    differs = " or ".join(f"{before} is distinct from {after}" for before, after in _sides(figures, first, second))
    values = ", ".join(
        f"{{'metric': {quote_text(c)}, 'before': {_value('b', c, first)}, 'after': {_value('a', c, second)}}}"
        for c in figures
    )
    connection.execute(
        f"""
        insert into {PARTS}
        with joined as (
            select
                {period[0]} as period_grain,
                {period[1]} as period_start,
                coalesce({period[2]} <= date {quote_text(closed_by.isoformat())}, false) as is_closed,
                {f"to_json({{{members}}})::varchar" if members else "null"} as member,
                b._is_there is null or a._is_there is null as is_on_one_side,
                unnest([{values}]) as figure
            from (select *, true as _is_there from {_kept(states[0], mart)}) as b
            full outer join (select *, true as _is_there from {_kept(states[1], mart)}) as a on {on}
            where {differs}
        )
        select {step}, {quote_text(cause)}, {quote_text(mart.name)}, period_grain, period_start, is_closed, member,
            figure.metric, figure.before, figure.after, coalesce(figure.after, 0) - coalesce(figure.before, 0)
        from joined
        where figure.before is distinct from figure.after
            -- a row of zeros says no more than no row
            and not (is_on_one_side and coalesce(figure.before, figure.after) = 0)
        """
    )


def _tested_keys(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if node["resource_type"] != "test" or test.get("name") not in ("unique_combination", "unique"):
            continue
        model = (node.get("attached_node") or "").split(".")[-1]
        arguments = test["kwargs"]
        columns = arguments.get("columns") or [arguments["column_name"]]
        if model.startswith("rpt_") and (model not in keys or test["name"] == "unique_combination"):
            keys[model] = tuple(column.strip('"') for column in columns)
    return keys


def _kept(state: str, mart: Mart) -> str:
    return table_name(SCHEMA, f"{state}__{mart.name}")


def _sides(figures: list[str], first: dict[str, str], second: dict[str, str]) -> list[tuple[str, str]]:
    """SQL for both sides of each figure: as it is, or as a number where its type is another."""
    return [
        (_of("b", c, first), _of("a", c, second))
        if first.get(c) == second.get(c)
        else (_value("b", c, first), _value("a", c, second))
        for c in figures
    ]


def _of(state: str, column: str, columns: dict[str, str]) -> str:
    return f"{state}.{quote_name(column)}" if column in columns else "null"


def _columns(connection: duckdb.DuckDBPyConnection, state: str, mart: Mart) -> dict[str, str]:
    described = connection.execute(f"select column_name, column_type from (describe {_kept(state, mart)})")
    return dict(described.fetchall())


def _value(side: str, column: str, present: dict[str, str]) -> str:
    return f"try_cast({_of(side, column, present)} as decimal(38, 6))"
