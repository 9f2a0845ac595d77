"""SQL for the rows that belong to figures: of one cell of a mart, or of all cells at once."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from pipelines.releases.names import quote_name
from pipelines.trace.definitions import Combined, Figure, Leaf

PERIOD = ("period_grain", "period_start")
_BEGUN = "period.observed_until > period.period_start"


def set_variables(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> None:
    """Tell `connection` what the definitions ask for: the parameters of the release, its `as_of` and time zone."""
    zone = manifest["config"]["company"]["time_zone"]
    as_of = datetime.fromisoformat(manifest["as_of"])
    local = as_of.astimezone(ZoneInfo(zone))
    values = {
        **manifest["config"]["metrics"],
        "as_of": as_of.replace(tzinfo=None),
        "as_of_date": local.date(),
        # a day that has begun is observed
        "observed_until": local.date() + timedelta(days=0 if local.time() == time(0) else 1),
        "time_zone": zone,
    }
    for name, value in values.items():
        connection.execute(f"set variable {quote_name(name)} = ?", [value])


def belonging(leaf: Leaf, excluded: bool = False) -> str:
    """Return SQL for the rows of all cells: the rows' own columns, `cell_*` for the cell, and `value`.

    With `excluded`, the rows that an exclusion keeps
    out of the same cells.
    """
    members = "".join(f", rows.{quote_name(own)} as {quote_name(f'cell_{column}')}" for column, own in leaf.members)
    value = "1" if leaf.value == "rows" else leaf.value
    return f"""
        select rows.*, {value} as value, {_period(leaf)[0]}{members}
        from ({leaf.rows.sql}) as rows {_period(leaf)[1]}
        where rows.exclusion is {"not " if excluded else ""}null and ({leaf.where}) and ({_period(leaf)[2]})
        {f"qualify {leaf.qualify}" if leaf.qualify else ""}
    """


def aggregate(leaf: Leaf) -> str:
    """Return the SQL that makes the figure of the `value` of its rows."""
    if leaf.kind == "median":
        return "quantile_cont(cast(value as double), 0.5)"
    if leaf.kind == "sum":
        return "coalesce(sum(value), 0)" if leaf.empty_is_zero else "sum(value)"
    return "count(*)" if leaf.value == "rows" else "count(distinct value)"


def keys(leaf: Leaf) -> list[str]:
    """Return the columns of the mart that tell the leaf's cells apart."""
    period = PERIOD if leaf.day or leaf.during else ()
    return [*period, *(column for column, _ in leaf.members)]


def leaves(figure: Figure) -> list[Leaf]:
    """Return the leaves of a figure, from left to right."""
    return [figure] if isinstance(figure, Leaf) else [leaf for part in figure.parts for leaf in leaves(part)]


def combine(figure: Figure, values: list[Any]) -> Any:
    """Return the figure that the values of its leaves make; None where a denominator is 0."""
    taken = iter(values)
    return _combine(figure, taken)


def _combine(figure: Figure, taken: Any) -> Any:
    if isinstance(figure, Leaf):
        return next(taken)
    first, second = (_combine(part, taken) for part in figure.parts)
    if figure.kind == "difference":
        return (first or 0) - (second or 0)
    if first is None or not second or (figure.kind == "growth" and second < 0):
        return None
    ratio = float(first) / float(second)
    return ratio - 1 if figure.kind == "growth" else ratio


def formula(figure: Combined) -> str:
    """Return how the parts make the figure, in words of the definitions."""
    first, second = figure.names
    return {"ratio": f"{first} / {second}", "difference": f"{first} - {second}", "growth": f"{first} / {second} - 1"}[
        figure.kind
    ]


def _period(leaf: Leaf) -> tuple[str, str, str]:
    """The period's columns, the join that finds it, and what has to be true."""
    columns = ", ".join(f"period.{name} as {quote_name(f'cell_{name}')}" for name in PERIOD)
    if leaf.during:
        return columns, "cross join core.dim_period as period", f"{_BEGUN} and ({leaf.during})"
    if leaf.day:
        join = (
            f"inner join core.dim_period_day as period on rows.{quote_name(leaf.day)} = period.date_day "
            f"and period.comparison = '{leaf.comparison}'"
        )
        return columns, join, "true"
    return "1 as cell", "", "true"
