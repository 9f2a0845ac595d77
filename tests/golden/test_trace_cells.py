"""Every figure that can be traced is, in every cell of its mart, what the rows that it is traced to make."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.releases.catalog import current_release
from pipelines.releases.database import opened
from pipelines.releases.names import DATABASE, quote_name
from pipelines.trace.definitions import Combined, Figure, Leaf, figure, mart, marts, traceable_columns
from pipelines.trace.rows import aggregate, belonging, keys, leaves, set_variables
from pipelines.trace.selection import Wanted
from pipelines.trace.trace import trace


def columns_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe marts.{quote_name(name)}").fetchall()]


def expression(found: Figure, numbered) -> str:
    """The figure as SQL over its leaves."""
    if isinstance(found, Leaf):
        alias = f"leaf_{next(numbered)}.figure"
        return f"coalesce({alias}, 0)" if found.kind != "median" and found.empty_is_zero else alias
    first, second = (expression(part, numbered) for part in found.parts)
    if found.kind == "difference":
        return f"({first} - {second})"
    ratio = f"(cast({first} as double) / nullif(cast({second} as double), 0))"
    return f"case when {second} > 0 then {ratio} - 1 end" if found.kind == "growth" else ratio


def traced_cells(leaf: Leaf) -> str:
    names = ", ".join(f"{quote_name(f'cell_{key}')} as {quote_name(key)}" for key in keys(leaf))
    return f"select {names}, {aggregate(leaf)} as figure from ({belonging(leaf)}) group by all"


def wrong_cells(connection: duckdb.DuckDBPyConnection, name: str, column: str) -> list[tuple]:
    """The covered cells whose figure is another than that of the rows, and cells of rows that it lacks."""
    definitions = mart(name)
    found = figure(definitions, column, columns_of(connection, name))
    joins, sources = "", {}
    for number, leaf in enumerate(leaves(found)):
        on = " and ".join(
            f"mart.{quote_name(k)} is not distinct from leaf_{number}.{quote_name(k)}" for k in keys(leaf)
        )
        joins += f" left join ({traced_cells(leaf)}) as leaf_{number} on {on}"
        sources[number] = (leaf, on)
    traced = expression(found, iter(range(99)))
    own = f"mart.{quote_name(column)}"
    close = f"abs(cast({own} as double) - cast({traced} as double)) <= 1e-9 * greatest(1, abs(cast({own} as double)))"
    (kind,) = connection.execute(
        "select data_type from duckdb_columns() where table_name = ? and column_name = ?", [name, column]
    ).fetchone()
    same = f"({own} is null and coalesce({traced}, 0) = 0) or " + (close if kind == "DOUBLE" else f"{own} = {traced}")
    wrong = connection.execute(
        f"""select {", ".join(f"mart.{quote_name(k)}" for k in keys(leaves(found)[0]))}, {own}, {traced} as traced
        from (select *, ({found.known}) as is_known from marts.{quote_name(name)} where {definitions.covers}) as mart
        {joins}
        where case when is_known then not coalesce({same}, false)
            else {own} is not null end limit 5"""
    ).fetchall()
    if isinstance(found, Combined) or found.comparison != "current":
        return wrong
    leaf, on = sources[0]
    return (
        wrong
        + connection.execute(
            f"select leaf_0.* from ({traced_cells(leaf)}) as leaf_0 anti join marts.{quote_name(name)} as mart on {on} "
            "where leaf_0.figure <> 0 limit 5"
        ).fetchall()
    )


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("name", marts())
def test_traced_rows_make_every_figure(demo_home: Path, name: str):
    release = current_release(demo_home / "releases")
    wrong = {}
    with opened(release.folder / DATABASE) as connection:
        set_variables(connection, release.manifest)
        for column in traceable_columns(mart(name), columns_of(connection, name)):
            wrong[column] = wrong_cells(connection, name, column)
    assert wrong, "nothing of this mart was looked at"
    assert not {column: cells for column, cells in wrong.items() if cells}


@pytest.mark.xdist_group("olist")
def test_the_lines_of_a_system_with_other_names_make_the_figure(olist_home: Path):
    release = current_release(olist_home / "releases")
    wanted = Wanted(period="2018-05-16")
    found = trace(release, olist_home / "landing", "rpt_sales_summary", "revenue", wanted)
    lines = [line for row in found.parts[0].rows for line in row.lines]
    assert not found.problems
    assert {line.table for line in lines} == {"order_items"}
    # the price of each item, as the file has it
    assert sum(Decimal(line.raw["unit_price"]) for line in lines) == found.figure > 0
