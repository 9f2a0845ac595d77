"""Which cell of a mart is meant: a condition in SQL, a period, or members by name."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from pipelines.errors import ConfigError
from pipelines.releases.names import quote_name

_FORMS = "2025, 2025-Q2, 2025-06, 2025-W23 or 2025-06-03"
_SHOWN = 8


@dataclass(frozen=True)
class Period:
    """A period as people write it. A quarter and a year are of the fiscal calendar; `part` is the quarter."""

    grain: str
    start: date | None = None
    year: int = 0
    part: int = 0


@dataclass(frozen=True)
class Wanted:
    """What the user says about the cell: each may be missing."""

    where: str | None = None
    period: str | None = None
    of: tuple[tuple[str, str], ...] = field(default=())


def parse_period(text: str) -> Period:
    """Return the period that `text` names: 2025, 2025-Q2, 2025-06, 2025-W23 or 2025-06-03. Raises ConfigError."""
    found = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|W(\d{2})|(\d{2})(?:-(\d{2}))?))?", text.strip().upper())
    if found is None:
        raise ConfigError(f"--period {text!r}: is no period. Write {_FORMS}.")
    year, quarter, week, month, day = (int(part) if part else None for part in found.groups())
    try:
        if week is not None:
            return Period("week", date.fromisocalendar(year, week, 1))
        if month is not None:
            return Period("day" if day is not None else "month", date(year, month, 1 if day is None else day))
    except ValueError as error:
        raise ConfigError(f"--period {text!r}: there is no such day, week or month ({error}).") from None
    return Period("quarter" if quarter else "year", year=year, part=quarter or 0)


def parse_of(text: str) -> tuple[str, str]:
    """Return the column and the value of COLUMN=VALUE. Raises ConfigError."""
    column, equals, value = text.partition("=")
    if not equals or not column.strip():
        raise ConfigError(f"--of {text!r}: write COLUMN=VALUE, for example --of country=DE; COLUMN= for an empty one.")
    return column.strip(), value


def select_cell(
    connection: duckdb.DuckDBPyConnection, mart: str, keys: list[str], wanted: Wanted, tests: tuple[str, ...]
) -> tuple[dict[str, Any], list[bool]]:
    """Return the one row of `mart` that is wanted, by column, and whether each of `tests` (SQL) holds for it.

    `connection` must be unable to reach a file or to change anything: it runs SQL of the user. Raises ConfigError where
    no row or several match, naming the columns that tell them apart.
    """
    columns = [row[0] for row in connection.execute(f"describe marts.{quote_name(mart)}").fetchall()]
    conditions, values = _conditions(columns, mart, wanted)
    asked = "".join(f", ({test}) as test_{number}" for number, test in enumerate(tests))
    sql = f"from (select *{asked} from marts.{quote_name(mart)}) where {' and '.join(conditions)}"
    try:
        rows = connection.execute(f"select * {sql} limit 2", values).fetchall()
    except duckdb.Error as error:
        raise ConfigError(f"{mart}: the condition cannot be answered: {error}") from None
    if not rows:
        raise ConfigError(f"{mart}: no row matches. {_members(connection, mart, keys)}")
    if len(rows) > 1:
        raise ConfigError(_several(connection, mart, keys, sql, values))
    cell, answers = rows[0][: len(columns)], rows[0][len(columns) :]
    return dict(zip(columns, cell, strict=True)), [bool(answer) for answer in answers]


def _conditions(columns: list[str], mart: str, wanted: Wanted) -> tuple[list[str], list[Any]]:
    conditions, values = ["true"], []
    if wanted.where:
        conditions.append(f"(\n{wanted.where}\n)")
    if wanted.period:
        if "period_start" not in columns:
            raise ConfigError(f"{mart}: has no periods. Use --of or --where; its columns are {', '.join(columns)}.")
        condition, found = _period_condition(parse_period(wanted.period))
        conditions.append(condition)
        values += found
    for column, value in wanted.of:
        if column not in columns:
            raise ConfigError(f"{mart}: has no column {column!r}. Its columns are {', '.join(columns)}.")
        if value == "":
            conditions.append(f"{quote_name(column)} is null")
            continue
        conditions.append(f"cast({quote_name(column)} as varchar) = ?")
        values.append(value)
    return conditions, values


def _period_condition(period: Period) -> tuple[str, list[Any]]:
    if period.start is not None:
        return "period_grain = ? and period_start = ?", [period.grain, period.start]
    column = f"{period.grain}_start"
    quarter = " and fiscal_quarter = ?" if period.part else ""
    days = f"select {column} from core.dim_date where fiscal_year = ?{quarter}"
    values = [period.grain, period.year] + ([period.part] if period.part else [])
    return f"period_grain = ? and period_start in ({days})", values


def _several(connection: duckdb.DuckDBPyConnection, mart: str, keys: list[str], sql: str, values: list[Any]) -> str:
    """Which columns would tell the matching rows apart, with some of their values."""
    (count,) = connection.execute(f"select count(*) {sql}", values).fetchone()
    hints = []
    for key in keys:
        found = connection.execute(f"select distinct cast({quote_name(key)} as varchar) as v {sql} order by v", values)
        names = [str(row[0]) for row in found.fetchmany(1000)]
        if len(names) > 1:
            more = f", ... ({len(names)})" if len(names) > _SHOWN else ""
            hints.append(f"  {key}: {', '.join(names[:_SHOWN])}{more}")
    return f"{mart}: {count:,} rows match; a figure is of exactly one. These columns tell them apart:\n" + "\n".join(
        hints
    )


def _members(connection: duckdb.DuckDBPyConnection, mart: str, keys: list[str]) -> str:
    """Some values of each key of the mart."""
    texts = []
    for key in keys:
        found = connection.execute(
            f"select distinct cast({quote_name(key)} as varchar) as v from marts.{quote_name(mart)} order by v"
        )
        names = [str(row[0]) for row in found.fetchmany(_SHOWN + 1)]
        texts.append(f"  {key}: {', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''}")
    return "Its rows have\n" + "\n".join(texts)
