"""Whether what a file calls its columns can be the header of the table."""

import re
from collections import Counter
from collections.abc import Iterable

from pipelines.sources.catalog import TableSpec
from pipelines.sources.model import DataFile

# Added to each row by the landing and by the warehouse.
RESERVED = {"_file", "_line", "_row_number", "_system", "_source", "_table", "_batch_id", "_batch_number"} | {
    *("_landed_at", "_is_live", "_time_zone", "_currency", "_decimal_mark", "_corrects_batch", "_corrects_row")
}
SHOWN = 20
_COLUMN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def check_header(file: DataFile, spec: TableSpec, names: list[str]) -> None:
    """Raise SourceError when `names` cannot be the table's columns: none, nameless, double, numbers, or unknown."""
    if not names:
        raise file.error("has no columns. Export it again.")
    if all(_is_number(name) for name in names):
        raise file.error("has no header: all names in its first line are numbers. Add a header, or set `header_row`.")
    empty = [position for position, name in enumerate(names, 1) if not name]
    if empty:
        raise file.error(
            f"the header has no name for column {empty[0]} of {len(names)}. Name it, or remove the column."
        )
    double = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if double:
        raise file.error(
            f"the header names {listed(map(_shown, double))} more than once (case does not count). Rename one of them."
        )
    reserved = [name for name in names if name.casefold() in RESERVED]
    if reserved:
        raise file.error(f"the header uses {listed(reserved)}, which Rapport adds to every row itself. Rename it.")
    if not set(folded(names)) & set(folded(spec.columns)):
        raise file.error(
            "none of the columns of this table is in the file, or the file has no header. "
            f"Expected: {listed(spec.columns)}. Found: {listed(_shown(name) for name in names)}. "
            "Check that it is the right file, its `delimiter` and its `header_row`."
        )


def missing(names: Iterable[str], expected: Iterable[str]) -> tuple[str, ...]:
    """Return those of `expected` that are not in `names`, in their order; case does not count."""
    there = set(folded(names))
    return tuple(name for name in expected if name.casefold() not in there)


def union(headers: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return all names, in the order and spelling in which they first occur; case does not count."""
    names: dict[str, str] = {}
    for header in headers:
        for name in header:
            names.setdefault(name.casefold(), name)
    return tuple(names.values())


def folded(names: Iterable[str]) -> list[str]:
    """Return the names as they are compared."""
    return [name.casefold() for name in names]


def _is_number(name: str) -> bool:
    try:
        float(name.replace(",", "."))
    except ValueError:
        return False
    return True


def _shown(name: str) -> str:
    """Hide what is not written like a column: without a header, these names are the first row's values."""
    plain = _COLUMN.fullmatch(name) and sum(character.isdigit() for character in name) <= 5
    return name if plain else "…"


def listed(names: Iterable[str]) -> str:
    """Return the names, at most 20 of them, as text."""
    shown = list(names)
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more
