"""What the figures of the marts are made of, as the files in `definitions/` say.

`rows/*.yml` say what the rows of a figure are and which values of the landed line make them; `marts/*.yml` say how the
rows of a figure are chosen and become it.
"""

import functools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ConfigError

FOLDER = Path(__file__).parent / "definitions"
COMPARISONS = {"_previous": "previous", "_last_year": "last_year"}
GROWTHS = {"_growth": "_previous", "_growth_yoy": "_last_year"}


@dataclass(frozen=True)
class Raw:
    """The value of a row computed again from its landed lines.

    `of` is SQL over `line` (the landed values, typed) and `fact` (the row). `booked` says what was rounded to cents:
    the `row` itself, the whole document (then it is the row's column that names it), or nothing (None).
    """

    of: str
    booked: str | None


@dataclass(frozen=True)
class Rows:
    """A SELECT over the core tables of a release, and how its rows lead to lines of the sources.

    `record` and `day` are columns of `sql`; `show` are contract columns of the lines, `context` of the rows.
    `lines` is SQL over `chosen` (the rows of a figure, numbered by `row_id`) where a row is not itself a landed line;
    `also` are the entities of such lines beside `entity`.
    `dated_by` says which landed column dates a line that never became a row.
    """

    name: str
    entity: str
    record: str
    day: str
    sql: str
    show: tuple[str, ...]
    context: tuple[str, ...] = ()
    raw: dict[str, Raw] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    lines: str | None = None
    dated_by: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Leaf:
    """A figure that is the sum, the count or the median of the rows that belong to a cell.

    `members` maps columns of the mart to columns of the rows. `day` is the column that dates the rows; `during`, for
    what is counted at an instant, is SQL over the rows and `period` instead; with neither the members alone make the
    cell. `qualify` is SQL that compares the rows of a cell with each other, such as the latest one. `known` is SQL over
    the mart: elsewhere the figure is empty on purpose. Without rows it is zero or, where nothing is known then, empty.
    `comparison` is current, previous or last_year.
    """

    rows: Rows
    kind: str
    value: str
    where: str
    members: tuple[tuple[str, str], ...]
    day: str | None
    during: str | None
    qualify: str | None
    known: str
    empty_is_zero: bool = True
    comparison: str = "current"


@dataclass(frozen=True)
class Combined:
    """A figure made of two others: a ratio, a difference, or a growth (a ratio less one)."""

    kind: str
    parts: tuple["Figure", "Figure"]
    names: tuple[str, str]
    known: str = "true"


Figure = Leaf | Combined


@dataclass(frozen=True)
class Mart:
    """The figures of a mart that can be traced, by column; `covers` is SQL over it, `why_not` says what is left."""

    name: str
    figures: dict[str, Figure]
    covers: str
    why_not: str


def marts() -> list[str]:
    """Return the names of the marts that have definitions."""
    return sorted(file.stem for file in (FOLDER / "marts").glob("*.yml"))


@functools.cache
def rows(name: str) -> Rows:
    """Return the rows called `name`."""
    values = yaml.safe_load((FOLDER / "rows" / f"{name}.yml").read_text(encoding="utf-8"))
    raw = {value: Raw(entry["of"], entry.get("booked")) for value, entry in values.pop("raw", {}).items()}
    show, context = tuple(values.pop("show")), tuple(values.pop("context", ()))
    also = tuple(values.pop("also", ()))
    return Rows(name=name, raw=raw, show=show, context=context, also=also, **values)


@functools.cache
def mart(name: str) -> Mart:
    """Return the definitions of a mart. Raises ConfigError for a mart that has none."""
    if name not in marts():
        raise ConfigError(f"{name}: there is nothing to trace it by. Marts that can be traced: {', '.join(marts())}.")
    values = yaml.safe_load((FOLDER / "marts" / f"{name}.yml").read_text(encoding="utf-8"))
    covers = values.get("covers", {"where": "true", "why": ""})
    built: dict[str, Figure] = {}
    for column, entry in values["figures"].items():
        figure = _figure(entry, values, built)
        built[column] = figure
        if isinstance(figure, Combined) and figure.kind == "ratio":
            built[f"{column}_numerator"], built[f"{column}_denominator"] = figure.parts
    return Mart(name, built, covers["where"], covers["why"])


def figure(definitions: Mart, column: str, columns: list[str]) -> Figure:
    """Return the figure in `column`, with its comparisons and growths. Raises ConfigError where it has no definition.

    `columns` are those of the mart.
    """
    found = _find(definitions, column)
    if found is None or column not in columns:
        problem = f"{column} is not a figure that can be traced" if column in columns else f"has no column {column!r}"
        traceable = ", ".join(traceable_columns(definitions, columns))
        raise ConfigError(f"{definitions.name}: {problem}. Those that can: {traceable}.")
    return found


def traceable_columns(definitions: Mart, columns: list[str]) -> list[str]:
    """Return which of a mart's columns are figures with a definition, in the order of `columns`."""
    return [column for column in columns if _find(definitions, column) is not None]


def _find(definitions: Mart, column: str) -> Figure | None:
    known = definitions.figures
    if column in known:
        return known[column]
    for suffix, comparison in COMPARISONS.items():
        base = known.get(column.removesuffix(suffix))
        if column.endswith(suffix) and isinstance(base, Leaf):
            return replace(base, comparison=comparison)
    for suffix, earlier in GROWTHS.items():
        name = column.removesuffix(suffix)
        base = known.get(name)
        if column.endswith(suffix) and isinstance(base, Leaf):
            before = replace(base, comparison=COMPARISONS[earlier])
            return Combined("growth", (base, before), (name, name + earlier))
    return None


def _figure(entry: dict[str, Any] | str, whole: dict[str, Any], built: dict[str, Figure]) -> Figure:
    if isinstance(entry, str):
        return built[entry]
    for kind in ("ratio", "difference"):
        if kind in entry:
            known = entry.get("known", "true")
            first, second = (_known(_figure(part, whole, built), known) for part in entry[kind])
            return Combined(kind, (first, second), tuple(map(_name, entry[kind])), known)
    (kind,) = {"sum", "count", "median"} & entry.keys()
    source = rows(entry["rows"])
    return Leaf(
        rows=source,
        kind=kind,
        value=entry[kind],
        where=entry.get("where", "true"),
        members=tuple(entry.get("members", whole["members"]).items()),
        day=None if "during" in entry or not whole.get("by_period", True) else entry.get("day", source.day),
        during=entry.get("during"),
        qualify=entry.get("qualify"),
        known=entry.get("known", "true"),
        empty_is_zero=entry.get("empty", 0) == 0,
    )


def _known(figure: Figure, known: str) -> Figure:
    return figure if known == "true" else replace(figure, known=known)


def _name(part: dict[str, Any] | str) -> str:
    if isinstance(part, str):
        return part
    if "called" in part:
        return part["called"]
    if "difference" in part:
        return "(" + " - ".join(map(_name, part["difference"])) + ")"
    (kind,) = {"sum", "count", "median"} & part.keys()
    return f"{kind}({part[kind]})" + (f" where {part['where']}" if "where" in part else "")
