"""From one published figure to the rows of the facts, and from those to the lines of the sources."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ConfigError, RapportError
from pipelines.releases.catalog import Release, current_release, list_releases
from pipelines.releases.database import opened
from pipelines.releases.names import DATABASE, quote_name
from pipelines.trace.definitions import Combined, Figure, Leaf, figure, mart
from pipelines.trace.excluded import excluded_rows, left_out
from pipelines.trace.lines import Landing
from pipelines.trace.model import Number, Part, Row, Trace
from pipelines.trace.rows import aggregate, belonging, combine, formula, keys, leaves, set_variables
from pipelines.trace.selection import Wanted, select_cell

_CENT = Decimal("0.01")
_METRIC_ENDS = ("_previous", "_last_year", "_growth", "_growth_yoy", "_numerator", "_denominator")


def find_release(releases: Path, release_id: str | None) -> Release:
    """Return the release called `release_id`, or the current one. Raises ConfigError where there is none."""
    if release_id is None:
        current = current_release(releases)
        if current is None:
            raise ConfigError(f"{releases}: nothing was published yet. Run: rapport run")
        return current
    known = {release.id: release for release in list_releases(releases)}
    if release_id not in known:
        raise ConfigError(f"{releases}: has no release {release_id!r}. `rapport releases` lists those there are.")
    return known[release_id]


def trace(release: Release, landing: Path, mart_name: str, column: str, wanted: Wanted) -> Trace:
    """Return what the figure in `column` of the wanted row of a mart is made of, down to the landed lines.

    Its `problems` are empty where rows and lines make the figure. Raises ConfigError for what cannot be traced or is
    not one row, RapportError for a batch that is not there.
    """
    try:
        return _trace(release, landing, mart_name, column, wanted)
    except duckdb.Error as error:
        raise RapportError(
            f"release {release.id}: {mart_name}.{column} cannot be traced: {error}. The release was made by code "
            f"{release.manifest['code_version']}; where that is another version, trace it with that one."
        ) from None


def _trace(release: Release, landing: Path, mart_name: str, column: str, wanted: Wanted) -> Trace:
    definitions = mart(mart_name)
    with opened(release.folder / DATABASE) as connection:
        set_variables(connection, release.manifest)
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        columns = [row[0] for row in connection.execute(f"describe marts.{quote_name(mart_name)}").fetchall()]
        found = figure(definitions, column, columns)
        names = _members(definitions.figures)
        tests = (definitions.covers, found.known)
        cell, (is_covered, is_known) = select_cell(connection, mart_name, names, wanted, tests)
        if not is_covered:
            raise ConfigError(f"{mart_name}: this row cannot be traced. {definitions.why_not}")
        if not is_known:
            raise ConfigError(
                f"{mart_name}: {column} is empty in this row on purpose; it is known where {found.known}."
            )
        batches = Landing(landing, release.manifest)
        parts = [
            _part(connection, batches, leaf, name, cell)
            for leaf, name in zip(leaves(found), _names(found, column), strict=True)
        ]
        return Trace(
            release=release.id,
            as_of=release.manifest["as_of"],
            mart=mart_name,
            column=column,
            cell={name: cell[name] for name in names},
            figure=cell[column],
            formula=formula(found) if isinstance(found, Combined) else None,
            metric=_metric(connection, mart_name, column),
            parts=tuple(parts),
            problems=tuple(_problems(found, column, cell[column], parts)),
        )


def _part(connection: duckdb.DuckDBPyConnection, landing: Landing, leaf: Leaf, name: str, cell: dict) -> Part:
    rows, _ = _rows(connection, landing, leaf, cell, excluded=False)
    (total,) = connection.execute(f"select {aggregate(leaf)} from chosen").fetchone()
    problems = _unequal(leaf, rows)
    kept_out, reasons = _rows(connection, landing, leaf, cell, excluded=True)
    other, undated = left_out(connection, landing, leaf, cell)
    return Part(
        name=name,
        kind=leaf.kind,
        comparison=leaf.comparison,
        total=total,
        rows=tuple(rows),
        excluded=(*excluded_rows(kept_out, reasons), *other),
        undated=undated,
        entity=leaf.rows.entity,
        problems=tuple(problems),
    )


def _rows(
    connection: duckdb.DuckDBPyConnection, landing: Landing, leaf: Leaf, cell: dict, excluded: bool
) -> tuple[list[Row], list[str]]:
    """The rows of the cell with their lines, in the order of their days, and the exclusion of each."""
    day = quote_name(leaf.day or leaf.rows.day)
    match = " and ".join(f"{quote_name(f'cell_{key}')} is not distinct from ?" for key in keys(leaf)) or "true"
    connection.execute(
        f"""create or replace temp table chosen as
        select row_number() over (order by {day}, {quote_name(leaf.rows.record)}, source) as row_id, *
        from ({belonging(leaf, excluded)}) where {match}""",
        [cell[key] for key in keys(leaf)],
    )
    is_landed = "batch_id" in _columns(connection)
    lines = leaf.rows.lines if leaf.rows.lines and not (excluded and is_landed) else _own_line(leaf)
    raw = leaf.rows.raw.get(leaf.value) if leaf.kind == "sum" else None
    landed = landing.read(
        leaf.rows,
        connection.execute(lines).to_arrow_table(),
        connection.execute("select * from chosen").to_arrow_table(),
        raw.of if raw and not excluded else None,
    )
    context = [name for name in leaf.rows.context if name in _columns(connection)]
    picked = "".join(f", {quote_name(name)}" for name in context)
    record = quote_name(leaf.rows.record)
    answer = connection.execute(
        f"select row_id, {record}, {day}, value, exclusion{picked} from chosen order by row_id"
    ).fetchall()
    rows, reasons, seen = [], [], set()
    for row_id, name, happened_on, value, exclusion, *values in answer:
        worth, counted = _worth(leaf, value, seen)
        lines_of = tuple(landed.get(row_id, ()))
        rows.append(Row(name, happened_on, worth, lines_of, dict(zip(context, values, strict=True)), counted))
        reasons.append(exclusion)
    return rows, reasons


def _worth(leaf: Leaf, value: Any, seen: set) -> tuple[Number | None, str | None]:
    """What a row adds to the figure; a key that is counted adds 1 once."""
    if leaf.kind != "count" or leaf.value == "rows":
        return value, None
    if value is None:
        return 0, None
    first = value not in seen
    seen.add(value)
    return int(first), str(value)


def _own_line(leaf: Leaf) -> str:
    entity, record = leaf.rows.entity, quote_name(leaf.rows.record)
    return f"select row_id, '{entity}' as entity, {record} as record, source, batch_id, row_number from chosen"


def _columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in connection.execute("describe chosen").fetchall()]


def _unequal(leaf: Leaf, rows: list[Row]) -> list[str]:
    """The rows that their lines do not make, and rows without any line."""
    raw = leaf.rows.raw.get(leaf.value) if leaf.kind == "sum" else None
    problems = []
    for row in rows:
        if not row.lines and row.value not in (0, None):
            problems.append(f"{leaf.rows.entity} {row.record}: is in the figure, and no landed line was found for it.")
        elif raw and row.exact is not None and row.value is not None and not _books(raw.booked, row):
            problems.append(
                f"{leaf.rows.entity} {row.record}: its lines are worth {row.exact}, and {row.value} was booked."
            )
    return problems


def _books(booked: str | None, row: Row) -> bool:
    """Whether a row's value is what its lines are worth, rounded as it is booked."""
    if booked is None:
        return _close(row.value, row.exact)
    if booked == "row":
        return row.value == Decimal(row.exact).quantize(_CENT, ROUND_HALF_UP)
    # the document is rounded, not its row: two rounded sums are at most one cent off together
    return abs(row.rounding) <= _CENT


def _problems(found: Figure, column: str, published: Number | None, parts: list[Part]) -> list[str]:
    problems = [problem for part in parts for problem in part.problems]
    for part in parts:
        values = [row.value for row in part.rows if row.value is not None]
        if part.kind != "median" and not _close(sum(values), part.total or 0):
            problems.append(f"{part.name}: its rows make {sum(values)}, and together {part.total}.")
    made = combine(found, [part.total for part in parts])
    if published is None and made in (None, 0):
        return problems
    if published is None or made is None or not _close(made, published):
        problems.append(f"{column}: {published} was published, and its rows make {made}.")
    return problems


def _close(a: Number, b: Number) -> bool:
    """Whether two numbers are equal; floating point ones to the ninth digit, because their sums depend on the order."""
    if isinstance(a, float) or isinstance(b, float):
        return abs(float(a) - float(b)) <= 1e-9 * max(1.0, abs(float(b)))
    return a == b


def _members(figures: dict[str, Figure]) -> list[str]:
    """The columns that tell the rows of a mart apart: those of the figure with the most of them."""
    return max((keys(leaf) for found in figures.values() for leaf in leaves(found)), key=len)


def _names(found: Figure, column: str) -> list[str]:
    if isinstance(found, Leaf):
        return [column]
    return [name for part, text in zip(found.parts, found.names, strict=True) for name in _names(part, text)]


def _metric(connection: duckdb.DuckDBPyConnection, mart_name: str, column: str) -> dict[str, str]:
    """The definition of the column's metric: its row of meta.metrics, empty where the column is none."""
    named = connection.execute(
        'select metric from meta.columns where "schema" = \'marts\' and "table" = ? and "column" = ?',
        [mart_name, column],
    ).fetchone()
    base = column
    for end in _METRIC_ENDS:
        base = base.removesuffix(end)
    for name in (named[0] if named else None, column, base):
        answer = connection.execute("select * from meta.metrics where name = ?", [name])
        row = answer.fetchone()
        if row:
            return dict(zip([item[0] for item in answer.description], row, strict=True))
    return {}
