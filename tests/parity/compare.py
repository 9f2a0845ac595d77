"""Compares one table as DuckDB built it with the one that Spark built."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.releases.digest import column_types, relation_facts
from pipelines.releases.names import quote_name, quote_text, table_name

# Sums of doubles come out in another order on another engine.
TOLERANCE = 1e-12
_FLOATS = ("DOUBLE", "FLOAT")
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


@dataclass(frozen=True)
class Compared:
    """A table on both engines: its rows, the digests of all that is not a float, and the first difference, if any.

    `apart` is by how much its floats differ at most, relative to the larger one; None where it has none.
    """

    table: str
    rows: int
    spark_rows: int
    digest: str
    spark_digest: str
    apart: float | None
    difference: str

    @property
    def is_same(self) -> bool:
        """Whether both engines say the same."""
        return not self.difference


def compare(connection: duckdb.DuckDBPyConnection, schema: str, table: str, files: Path) -> Compared:
    """Return how DuckDB's table `schema`.`table`, in `connection`, and Spark's Parquet in the folder `files` compare.

    Columns, their order and their kinds have to be equal; keys and all else that is no float exactly, floats to
    TOLERANCE. A whole number or a decimal may have another width, if every value fits. The time zone has to be UTC.
    """
    name = f"{schema}.{table}"
    columns = column_types(connection, schema, table)
    parquet = f"read_parquet({quote_text(f'{files}/*.parquet')})"
    if not any(files.glob("*.parquet")):
        return Compared(name, _count(connection, table_name(schema, table)), 0, "", "", None, "Spark has no such table")
    found = connection.execute(f"select column_name, column_type from (describe select * from {parquet})").fetchall()
    wrong = _other_columns(columns, found)
    rows, spark_rows = _count(connection, table_name(schema, table)), _count(connection, parquet)
    if wrong:
        return Compared(name, rows, spark_rows, "", "", None, wrong)
    exact = [(column, kind) for column, kind in columns if kind not in _FLOATS]
    floats = [column for column, kind in columns if kind in _FLOATS]
    ours, theirs = (
        _selected(table_name(schema, table), columns, dict(columns)),
        _selected(parquet, columns, dict(found)),
    )
    digest = relation_facts(connection, f"({ours})", exact).digest
    spark_digest = relation_facts(connection, f"({theirs})", exact).digest
    apart = _apart(connection, ours, theirs, [column for column, _ in exact], floats) if floats else None
    difference = ""
    if rows != spark_rows:
        difference = f"{rows} rows and {spark_rows}"
    elif digest != spark_digest:
        difference = _first_difference(connection, ours, theirs, [column for column, _ in exact])
    elif apart is not None and apart > TOLERANCE:
        difference = f"floats differ by {apart:.1e}"
    return Compared(name, rows, spark_rows, digest, spark_digest, apart, difference)


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return connection.execute(f"select count(*) from {relation}").fetchone()[0]


def _other_columns(columns: list[tuple[str, str]], found: list[tuple[str, str]]) -> str:
    """What is wrong with the columns that Spark has, or an empty text."""
    if [name for name, _ in columns] != [name for name, _ in found]:
        return f"columns {', '.join(n for n, _ in columns)} and {', '.join(n for n, _ in found)}"
    other = [
        f"{n} {ours} and {theirs}"
        for (n, ours), (_, theirs) in zip(columns, found, strict=True)
        if not _fits(ours, theirs)
    ]
    return f"types: {', '.join(other)}" if other else ""


def _fits(ours: str, theirs: str) -> bool:
    if ours in _WHOLE or ours in _FLOATS:
        return theirs in (_WHOLE if ours in _WHOLE else _FLOATS)
    if ours.startswith("DECIMAL("):
        # with the same digits behind the point no value is rounded when it is read as the other
        return theirs.startswith("DECIMAL(") and ours.split(",")[1] == theirs.split(",")[1]
    # Spark's instants are stored with a zone or as INT96, which has none; the models' are UTC without one
    return theirs == ours or (ours, theirs) == ("TIMESTAMP", _WITH_ZONE)


def _selected(relation: str, columns: list[tuple[str, str]], stored: dict[str, str]) -> str:
    """A select of `relation` that has exactly `columns`; a value that does not fit is an error."""
    return "select {} from {}".format(
        ", ".join(
            f"cast({_value(name, stored[name])} as {kind}) as {quote_name(name)}"
            if stored[name] != kind
            else quote_name(name)
            for name, kind in columns
        ),
        relation,
    )


def _value(name: str, stored: str) -> str:
    return f"timezone('UTC', {quote_name(name)})" if stored == _WITH_ZONE else quote_name(name)


def _apart(connection: duckdb.DuckDBPyConnection, ours: str, theirs: str, exact: list[str], floats: list[str]) -> float:
    """By how much two floats of the same row differ at most, relative to the larger; infinity where one is NULL.

    Rows are paired in the order of all that is exact, then of the floats.
    """
    order = ", ".join(quote_name(column) for column in [*exact, *floats])
    numbered = "select row_number() over (order by {order}) as n, {floats} from ({relation})"
    shown = ", ".join(map(quote_name, floats))
    pairs = " union all ".join(
        f"select a.{quote_name(c)} as a, b.{quote_name(c)} as b from ours as a join theirs as b using (n)"
        for c in floats
    )
    return connection.execute(
        f"""
        with ours as ({numbered.format(order=order, floats=shown, relation=ours)}),
        theirs as ({numbered.format(order=order, floats=shown, relation=theirs)})
        select coalesce(max(case
            when a is not distinct from b then 0
            when a is null or b is null or not isfinite(a) or not isfinite(b) then 'infinity'::double
            else abs(a - b) / greatest(abs(a), abs(b))
        end), 0) from ({pairs})
        """
    ).fetchone()[0]


def _first_difference(connection: duckdb.DuckDBPyConnection, ours: str, theirs: str, exact: list[str]) -> str:
    """The first column that differs by itself, with a value of each engine, or that only the rows as a whole do."""
    for column in map(quote_name, exact):
        only = "select {c} from ({a}) except all select {c} from ({b}) order by 1 limit 1"
        left = connection.execute(only.format(c=column, a=ours, b=theirs)).fetchone()
        right = connection.execute(only.format(c=column, a=theirs, b=ours)).fetchone()
        if left or right:
            return f"{column}: {left[0] if left else '-'} and {right[0] if right else '-'}"
    return "the same values, in other rows"
