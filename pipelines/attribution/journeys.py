"""What attribution is about: places, and the journeys past them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_PLACE = ("source", "channel", "campaign")
_EPOCH_MONTH = 1970 * 12
_CENTS = pa.scalar(Decimal(100), pa.decimal128(3, 0))


@dataclass(frozen=True, order=True)
class Place:
    """Where somebody was touched: a channel and a campaign, by the id that its source gives it."""

    source: str
    channel: str
    campaign: str


UNATTRIBUTED = Place("(unattributed)", "(unattributed)", "(unattributed)")


@dataclass
class Places:
    """The places that journeys have come to, each by its number in `known`."""

    known: list[Place] = field(default_factory=list)
    _numbers: dict[Place, int] = field(default_factory=dict)

    def number(self, place: Place) -> int:
        """Return the number of a place, a new one if nothing has come to it yet."""
        if place not in self._numbers:
            self._numbers[place] = len(self.known)
            self.known.append(place)
        return self._numbers[place]


@dataclass(frozen=True)
class Journeys:
    """Journeys side by side; a journey is the touches of somebody, the first one first, and what they led to.

    By journey: `days`, the local day of the conversion, or else of when it was clear that there would be none, in days
    since 1970; whether it `converted`; `values`, what the conversion is worth in cents (0 where there was none); and
    `counts` of its touches, 0 only for a conversion that nothing touched. By touch, those of a journey side by side:
    `places`, numbers of `Places`, and `instants`, microseconds since 1970 in UTC. Numbers are whole and have 64 bits.
    """

    days: np.ndarray
    converted: np.ndarray
    values: np.ndarray
    counts: np.ndarray
    places: np.ndarray
    instants: np.ndarray

    @property
    def months(self) -> np.ndarray:
        """The calendar month of each journey's day, as months since the year 0."""
        return self.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + _EPOCH_MONTH

    def where(self, wanted: np.ndarray) -> "Journeys":
        """Return the journeys for which `wanted` is true."""
        touches = np.repeat(wanted, self.counts)
        own = (self.days[wanted], self.converted[wanted], self.values[wanted], self.counts[wanted])
        return Journeys(*own, self.places[touches], self.instants[touches])


def read_journeys(batches: Iterable[pa.RecordBatch], places: Places) -> Iterator[Journeys]:
    """Yield the journeys of `batches`, in parts of whole ones; where they have been is added to `places`.

    The rows are those of the model attribution_journeys in the order of journey and step, which a batch can break off
    anywhere. Raises ValueError for a touch without a place.
    """
    rest = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        table = pa.concat_tables([rest, table]) if rest is not None else table
        begins = _begins(table)
        # the last one may go on
        rest = table.slice(begins[-1]) if len(begins) else table
        if len(begins) > 1:
            yield _journeys(table.slice(0, begins[-1]), begins[:-1], places)
    if rest is not None and rest.num_rows:
        yield _journeys(rest, _begins(rest), places)


def _begins(table: pa.Table) -> np.ndarray:
    """Return the rows in which another journey begins."""
    if not table.num_rows:
        return np.zeros(0, np.int64)
    names = table["journey"].combine_chunks()
    is_other = pc.not_equal(names[1:], names[:-1]).to_numpy(zero_copy_only=False)
    return np.concatenate([[0], np.flatnonzero(is_other) + 1])


def _journeys(table: pa.Table, begins: np.ndarray, places: Places) -> Journeys:
    is_touch = pc.is_valid(table["occurred_at"]).to_numpy()
    touches = table.filter(pc.is_valid(table["occurred_at"]))
    # a revenue that is not known fails the release elsewhere
    cents = pc.fill_null(pc.multiply(pc.cast(table["revenue"], pa.decimal128(20, 2)), _CENTS), 0)
    return Journeys(
        days=pc.cast(table["ended_on"], pa.int32()).to_numpy()[begins].astype(np.int64),
        converted=table["is_converted"].to_numpy()[begins],
        values=pc.cast(cents, pa.int64()).to_numpy()[begins],
        counts=np.add.reduceat(is_touch.astype(np.int64), begins),
        places=_numbers(touches, places),
        instants=pc.cast(touches["occurred_at"], pa.int64()).to_numpy(),
    )


def _numbers(touches: pa.Table, places: Places) -> np.ndarray:
    """Return the number of the place of each touch."""
    encoded = [pc.dictionary_encode(touches[name].combine_chunks()) for name in _PLACE]
    if any(column.indices.null_count for column in encoded):
        raise ValueError("a touch has no source, channel or campaign")
    sizes = [len(column.dictionary) for column in encoded]
    combined = np.zeros(touches.num_rows, np.int64)
    for column, size in zip(encoded, sizes, strict=True):
        combined = combined * size + column.indices.to_numpy()
    found, inverse = np.unique(combined, return_inverse=True)
    members = zip(*np.unravel_index(found, sizes), strict=True) if len(found) else ()
    numbers = [
        places.number(Place(*(column.dictionary[int(n)].as_py() for column, n in zip(encoded, member, strict=True))))
        for member in members
    ]
    return np.asarray(numbers, np.int64)[inverse]
