"""A trace as a table for people, as CSV of all lines, or as JSON."""

import csv
import json
import sys
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from pipelines.trace.model import Excluded, Part, Row, Trace

_WIDTH = 220
_HEAD = (
    "part",
    "state",
    "record",
    "day",
    "value",
    "line_value",
    "rounding",
    "source",
    "table",
    "batch",
    "file",
    "line",
)


def show(found: Trace, form: str, limit: int | None) -> None:
    """Print a trace. `limit` is how many rows the table shows (None: all); CSV and JSON have all of them."""
    if form == "json":
        print(json.dumps(asdict(found), ensure_ascii=False, indent=2, default=_plain))
    elif form == "csv":
        _csv(found)
    else:
        _table(found, limit)


def _table(found: Trace, limit: int | None) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False, width=None if sys.stdout.isatty() else _WIDTH)
    cell = ", ".join(f"{name}={_text(value)}" for name, value in found.cell.items())
    figure = "empty" if found.figure is None else f"{_text(found.figure)} {found.metric.get('unit', '')}"
    console.print(f"{found.mart}.{found.column} where {cell}: {figure}")
    if found.metric:
        metric = found.metric
        console.print(f"{metric['name']} ({metric['name_zh']}): {metric['definition']} {metric['formula']}")
    console.print(f"Release {found.release}, as of {found.as_of[:16]} UTC.")
    if found.formula:
        console.print(f"It is {found.formula}.")
    for part in found.parts:
        console.print()
        _part(console, part, limit)
    if not found.problems and found.figure is not None:
        console.print(f"\nThe lines of the sources make the figure: {_text(found.figure)}.")


def _part(console: Console, part: Part, limit: int | None) -> None:
    lines = sum(len(row.lines) for row in part.rows)
    when = "" if part.comparison == "current" else f" ({part.comparison.replace('_', ' ')})"
    console.print(f"{part.name}{when}: {_text(part.total)}, {part.kind} of {len(part.rows):,} rows, {lines:,} lines")
    shown = part.rows[:limit]
    is_exact = any(row.rounding for row in part.rows)
    worth = ("line is worth", "rounding") if is_exact else ()
    table = Table(*(Column(name, overflow="fold") for name in ("record", "day", "value", *worth, "line", "it says")))
    for row in shown:
        for cells in _cells(row, is_exact):
            table.add_row(*cells)
    if part.rows:
        console.print(table)
    if len(part.rows) > len(shown):
        console.print(f"{len(part.rows) - len(shown):,} more rows; --all shows them, --format csv lists them.")
    if part.kind != "median":
        console.print(_sum(part))
    _excluded(console, part, limit)


def _cells(row: Row, is_exact: bool) -> list[tuple[str, ...]]:
    """The table's cells for a row and its lines."""
    value = _text(row.value) + (f" of {row.counted}" if row.counted else "")
    worth = (_text(row.exact), _text(row.rounding)) if is_exact else ()
    head = (row.record, _text(row.day), value, *worth)
    cells = []
    for line in row.lines:
        says = {name: text for name, text in line.raw.items() if text is not None}
        # what is known of the row is said once
        context = {name: text for name, text in row.context.items() if name not in says and not cells}
        words = " ".join(f"{name}={_text(text)}" for name, text in (says | context).items())
        cells.append((*head, f"{line.source}/{line.table} {line.batch} {line.file}:{line.line}", words))
        head = ("",) * len(head)
    return cells or [(*head, "", "")]


def _sum(part: Part) -> str:
    """The sum of what the lines are worth, where that can be said, and how it becomes that of the rows."""
    total = sum(row.value for row in part.rows if row.value is not None)
    exact = [row.exact for row in part.rows if row.value]
    if not exact or None in exact:
        return f"Sum of the rows: {_text(total)}."
    worth = sum(exact)
    return f"Sum of the lines: {_text(worth)}, rounding to cents: {_text(total - worth)}, booked: {_text(total)}."


def _excluded(console: Console, part: Part, limit: int | None) -> None:
    if part.excluded:
        console.print(f"Not in it, although of this period: {len(part.excluded):,} lines")
        table = Table(*(Column(name, overflow="fold") for name in ("reason", "record", "day", "line")))
        for line in part.excluded[:limit]:
            table.add_row(line.reason, line.record or "", _text(line.day), _place(line))
        console.print(table)
    if part.undated:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(part.undated.items()))
        console.print(
            f"Not in any figure, and of no known date: {reasons} of entity {part.entity}; "
            "see audit.quarantine and audit.exclusions."
        )


def _csv(found: Trace) -> None:
    """One line per landed line; a row of several lines has its value at the first of them."""
    writer = csv.writer(sys.stdout)
    writer.writerow((*_HEAD, "says"))
    for part in found.parts:
        for row in part.rows:
            value: Any = row.value
            for line in row.lines:
                place = (line.source, line.table, line.batch, line.file, line.line)
                says = json.dumps(line.raw | row.context, ensure_ascii=False, default=_plain)
                rounding = row.rounding if value is not None else None
                figures = map(_text, (value, line.value, rounding))
                writer.writerow((part.name, "counted", row.record, _text(row.day), *figures, *place, says))
                value = None
        for line in part.excluded:
            source, table = line.table.split("/", 1)
            place = (source, table, line.batch, line.file, line.line)
            writer.writerow((part.name, line.reason, line.record or "", _text(line.day), "", "", "", *place, ""))


def _place(line: Excluded) -> str:
    return f"{line.table} {line.batch} {line.file}:{line.line}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        # an exact product has more decimals than it needs
        text = f"{value:f}"
        whole, _, decimals = text.partition(".")
        return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}" if decimals else text
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
