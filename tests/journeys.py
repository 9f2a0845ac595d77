"""Journeys for tests of attribution, one by one, and the rows in which the models read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from pipelines.attribution.credits import Credit, attribute
from pipelines.attribution.journeys import Place, Places, read_journeys
from pipelines.attribution.markov import add_walks, new_walks, removal_effects

_SCHEMA = pa.schema(
    [
        ("journey", pa.string()),
        ("is_converted", pa.bool_()),
        ("ended_on", pa.date32()),
        ("revenue", pa.decimal128(38, 2)),
        ("source", pa.string()),
        ("channel", pa.string()),
        ("campaign", pa.string()),
        ("occurred_at", pa.timestamp("us")),
    ]
)
_ALL = 1000


@dataclass(frozen=True)
class Touch:
    """One touch; `at` is a UTC instant without zone."""

    place: Place
    at: datetime


@dataclass(frozen=True)
class Journey:
    """The touches of somebody, and what they led to: `value` in cents, None where nothing came of it."""

    ended_on: date
    touches: tuple[Touch, ...]
    value: int | None

    @property
    def converted(self) -> bool:
        """Whether it led to anything."""
        return self.value is not None


def attributed(journeys: Sequence[Journey], half_life: timedelta, rows: int = _ALL) -> list[Credit]:
    """Return the credits of `journeys`, read in batches of so many rows."""
    return attribute(_table(journeys).to_batches(rows), half_life)


def effects_of(journeys: Sequence[Journey]) -> dict[Place, float]:
    """Return the removal effects of journeys that ended in whatever month."""
    places = Places()
    same_month = [Journey(date(2025, 5, 1), one.touches, one.value) for one in journeys]
    months = new_walks()
    for part in read_journeys(_table(same_month).to_batches(), places):
        add_walks(months, part)
    (walks,) = months.values() or [{}]
    return removal_effects(walks, places.known)


def _table(journeys: Sequence[Journey]) -> pa.Table:
    rows = []
    for number, one in enumerate(journeys):
        revenue = Decimal(one.value).scaleb(-2) if one.converted else None
        own = {"journey": str(number), "is_converted": one.converted, "ended_on": one.ended_on, "revenue": revenue}
        nowhere = dict.fromkeys(("source", "channel", "campaign", "occurred_at"))
        rows += [{**own, **vars(touch.place), "occurred_at": touch.at} for touch in one.touches] or [{**own, **nowhere}]
    return pa.Table.from_pylist(rows, _SCHEMA).combine_chunks()
