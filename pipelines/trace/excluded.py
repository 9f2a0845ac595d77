"""What is not in a figure and why: rows that an exclusion keeps out, and lines that never became rows."""

from datetime import date, timedelta
from typing import Any

import duckdb

from pipelines.trace.definitions import Leaf, Rows
from pipelines.trace.lines import Landing
from pipelines.trace.model import Excluded, Row

_LEFT_OUT = """
    select source, "table", batch, row_number, file, line, reason
    from audit.exclusions
    where entity = ? and reason in ('deleted', 'duplicate')
    union all
    select source, "table", batch, row_number, file, line, reason_code as reason
    from audit.quarantine
    where entity = ? and reason_code <> 'duplicate_key'
    order by all
"""


def excluded_rows(rows: list[Row], reasons: list[str]) -> list[Excluded]:
    """Return the lines of rows that belong to the cell but for their exclusion, with its reason."""
    return [
        Excluded(reason, row.record, row.day, f"{line.source}/{line.table}", line.batch, line.file, line.line)
        for row, reason in zip(rows, reasons, strict=True)
        for line in row.lines
    ]


def left_out(
    connection: duckdb.DuckDBPyConnection, landing: Landing, leaf: Leaf, cell: dict[str, Any]
) -> tuple[list[Excluded], dict[str, int]]:
    """Return the lines that never became rows (quarantined, deleted, copies) whose date lies in the period.

    And how many, by reason, could not be dated. Members are not looked at: such a line may lack them, too.
    """
    found = connection.execute(_LEFT_OUT, [leaf.rows.entity] * 2).fetchall()
    places = [(source, batch, leaf.rows.entity, number) for source, _, batch, number, *_ in found]
    if not places:
        return [], {}
    texts = landing.texts(places, leaf.rows.dated_by["column"])
    days = _days(connection, leaf.rows)
    first, last = _window(connection, leaf, cell)
    listed, undated = [], {}
    for source, table, batch, number, file, line, reason in found:
        day = days(source, texts.get((source, batch, number)))
        if day is None or first is None:
            undated[reason] = undated.get(reason, 0) + 1
        elif first <= day <= last:
            listed.append(Excluded(reason, None, day, f"{source}/{table}", batch, file, line))
    return listed, undated


def _days(connection: duckdb.DuckDBPyConnection, rows: Rows) -> Any:
    """How a landed text becomes a day: it is one, or it names a row that has one."""
    if "sql" not in rows.dated_by:
        return lambda source, text: _day(text)
    known = {(source, value): day for source, value, day in connection.execute(rows.dated_by["sql"]).fetchall()}
    return lambda source, text: known.get((source, text))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def _window(connection: duckdb.DuckDBPyConnection, leaf: Leaf, cell: dict[str, Any]) -> tuple[date | None, date | None]:
    """The first and the last day of the period. A landed instant may be of the day before or after in local time."""
    if not leaf.day or "period_grain" not in cell:
        return None, None
    first, last = connection.execute(
        "select min(date_day), max(date_day) from core.dim_period_day "
        "where period_grain = ? and period_start = ? and comparison = ?",
        [cell["period_grain"], cell["period_start"], leaf.comparison],
    ).fetchone()
    slack = timedelta(days=0 if "sql" in leaf.rows.dated_by else 1)
    return (None, None) if first is None else (first - slack, last + slack)
