"""The rows of the demo's files as text.

Good and bad ones are kept together, so that the list of the bad ones cannot differ from what is in the files.
"""

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from pipelines.demo.model import ENTITIES, Company, columns_of, key_names, key_of, rows_of

# A row that names a lost row of its parent is lost too: the references of the contract that can be lost here.
_REFERENCES = {
    "order": ("order_id", ("order_line", "payment", "invoice", "ticket", "survey_response")),
    "order_line": ("order_line_id", ("return_line",)),
    "opportunity": ("opportunity_id", ("opportunity_stage_change",)),
    "ticket": ("ticket_id", ("ticket_event",)),
}


@dataclass(frozen=True)
class TextRow:
    """A line of a file: its fields as they are written, and why it must be quarantined (None: it is good).

    `key` is empty when nobody can read it from the line.
    """

    key: str
    values: tuple[str, ...]
    reason: str | None = None


def text(value: object) -> str:
    """Return how a value is written: plain decimals, ISO dates, UTC instants with Z, naive times as they are."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return f"{value:%Y-%m-%d %H:%M:%S}"
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else str(value)


class Files:
    """The rows of every file, to be spoilt one by one."""

    def __init__(self, company: Company) -> None:
        """Take the rows of the company, none of them spoilt."""
        self.rows = {
            entity: [TextRow(key_of(row), _texts(row)) for row in rows_of(company, entity)] for entity in ENTITIES
        }

    def change(self, entity: str, key: str, reason: str, **columns: str) -> None:
        """Write other texts into columns of one row."""
        place = self._place(entity, key)
        row = self.rows[entity][place]
        values = tuple(columns.get(c, v) for c, v in zip(columns_of(entity), row.values, strict=True))
        self.rows[entity][place] = TextRow(key, values, reason)

    def add_like(self, entity: str, like: str, reason: str, **columns: str) -> None:
        """Add, after the row whose key is `like`, a row that differs from it in some columns only."""
        place = self._place(entity, like)
        names = columns_of(entity)
        values = tuple(columns.get(c, v) for c, v in zip(names, self.rows[entity][place].values, strict=True))
        key = "|".join(values[names.index(name)] for name in key_names(ENTITIES[entity]))
        self.rows[entity].insert(place + 1, TextRow(key, values, reason))

    def lose_field(self, entity: str, key: str) -> None:
        """Leave out the third field of one row, so that the line has too few."""
        place = self._place(entity, key)
        values = self.rows[entity][place].values
        self.rows[entity][place] = TextRow("", values[:2] + values[3:], "wrong_field_count")

    def lose(self, entity: str, keys: set[str], company: Company) -> None:
        """Lose what refers to rows that are quarantined, and what refers to that."""
        column, children = _REFERENCES.get(entity, ("", ()))
        for child in children:
            lost = {key_of(row) for row in rows_of(company, child) if getattr(row, column) in keys}
            self.rows[child] = [
                replace(row, reason="unknown_reference") if row.key in lost and not row.reason else row
                for row in self.rows[child]
            ]
            self.lose(child, lost, company)

    def good(self, entity: str) -> list[str]:
        """Return the keys of the rows that are not spoilt, in order."""
        return [row.key for row in self.rows[entity] if not row.reason]

    def _place(self, entity: str, key: str) -> int:
        return next(n for n, row in enumerate(self.rows[entity]) if row.key == key)


def _texts(row: object) -> tuple[str, ...]:
    return tuple(text(getattr(row, field.name)) for field in fields(row))  # type: ignore[arg-type]
