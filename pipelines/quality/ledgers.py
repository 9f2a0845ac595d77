"""The ledgers of a candidate in short, for people: read from it as it was judged."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from pipelines.releases.database import opened
from pipelines.releases.names import DATABASE

_RECONCILIATION = """
select metric, sum(difference), sum(source_total),
    sum(excluded_quarantined), sum(excluded_duplicate), sum(excluded_deleted), sum(excluded_test),
    sum(excluded_draft), sum(excluded_cancelled), sum(excluded_unavailable), sum(rounding), sum(mart_total)
from audit.reconciliation where source = '(all)' group by metric order by metric
"""
_ROWS = """
select source || '.' || "table", sum(difference), sum("read"), sum(conformed), sum(superseded), sum(deleted),
    sum(quarantined), count(*)
from audit.row_ledger group by all order by all
"""
_QUARANTINE = """
select reason_code, source || '.' || "table", coalesce("column", ''), count(*)
from audit.quarantine group by all order by count(*) desc, 1, 2, 3
"""
_COVERAGE = """
select mart, available, missing_entities, missing_optional_entities from audit.coverage order by available, mart
"""
_CORRECTIONS = """
select source || '.' || "table", count(*), count(*) filter (where is_counted)
from audit.corrections group by all order by all
"""


@dataclass(frozen=True)
class Ledger:
    """One ledger as text: column heads, and rows of which the first cell is a name. None: it cannot be read."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] | None

    @property
    def total(self) -> int:
        """How many rows it has."""
        return len(self.rows or ())


def read_ledgers(candidate: Path) -> dict[str, Ledger]:
    """Return reconciliation, rows, quarantine, coverage and corrections of a candidate, by these names.

    Amounts are exact: no digit is rounded away. Raises RapportError where the database cannot be opened.
    """
    exclusions = ("quarantined", "duplicate", "deleted", "test", "draft", "cancelled", "unavailable", "rounding")
    asked = {
        "reconciliation": (("metric", "difference", "source total", *exclusions, "mart total"), _RECONCILIATION),
        "rows": (
            ("table", "difference", "read", "conformed", "superseded", "deleted", "quarantined", "batches"),
            _ROWS,
        ),
        "quarantine": (("reason", "table", "column", "rows"), _QUARANTINE),
        "coverage": (("mart", "available", "cannot do without", "would add to it"), _COVERAGE),
        "corrections": (("table", "corrected rows", "counted"), _CORRECTIONS),
    }
    with opened(candidate / DATABASE) as connection:
        found = {name: Ledger(heads, _rows(connection, sql)) for name, (heads, sql) in asked.items()}
    return found | {"reconciliation": _without_nothing(found["reconciliation"], exclusions)}


def _without_nothing(ledger: Ledger, optional: tuple[str, ...]) -> Ledger:
    """The ledger without those of the optional columns that are 0 in every row."""
    rows = ledger.rows or ()
    kept = [n for n, head in enumerate(ledger.heads) if head not in optional or any(row[n] != "0" for row in rows)]
    heads = tuple(ledger.heads[n] for n in kept)
    return Ledger(heads, None if ledger.rows is None else tuple(tuple(row[n] for n in kept) for row in rows))


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[tuple[str, ...], ...] | None:
    try:
        return tuple(tuple(map(exact, row)) for row in connection.execute(sql).fetchall())
    except duckdb.Error:
        return None


def exact(value: object) -> str:
    """Return a value as text: numbers with separators and all their digits, at least two if they have a fraction."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        whole, _, fraction = f"{value:,f}".partition(".")
        fraction = fraction.rstrip("0")
        return f"{whole}.{fraction:0<2}" if fraction else whole
    return f"{value:,}" if isinstance(value, int) else str(value)
