"""Credits: what each place gets of the conversions of each day, by every model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipelines.attribution.apportion import apportion, apportion_each
from pipelines.attribution.journeys import UNATTRIBUTED, Journeys, Place, Places, read_journeys
from pipelines.attribution.markov import add_walks, new_walks, weights
from pipelines.attribution.rules import Rule, first, last, linear, position, time_decay

MODELS = ("first", "last", "linear", "position", "time_decay", "markov")
# One conversion, in the smallest part of it that is told apart.
WHOLE = 10**6

# By model, day (since 1970) and place: conversions in millionths, value in cents.
_Sums = dict[tuple[str, int, Place], list[int]]


@dataclass(frozen=True, order=True)
class Credit:
    """What a place gets of the conversions of a local day; conversions in millionths, value in cents."""

    model: str
    day: date
    place: Place
    conversions: int
    value: int


def attribute(batches: Iterable[pa.RecordBatch], half_life: timedelta) -> list[Credit]:
    """Return the credits of all models, sorted; `half_life` is that of time decay.

    `batches` are the rows of the model attribution_journeys in the order of journey and step; one is held at a time.
    Of each day the credits of each model add up exactly to its conversions and to their value. A conversion that
    nothing touched is credited to UNATTRIBUTED. The Markov model is made anew for each calendar month from the journeys
    that ended in it, so that what comes later does not change the month; its conversions that were touched are split by
    the removal effects, wherever they were touched themselves.
    """
    rules: dict[str, Rule] = {
        "first": first,
        "last": last,
        "linear": linear,
        "position": position,
        "time_decay": time_decay(half_life),
    }
    found: _Sums = defaultdict(lambda: [0, 0])
    walks = new_walks()
    to_split: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    places = Places()
    for journeys in read_journeys(batches, places):
        _add_untouched(found, journeys.where(journeys.converted & (journeys.counts == 0)))
        converted = journeys.where(journeys.converted & (journeys.counts > 0))
        for model, rule in rules.items():
            _add_touches(found, model, converted, rule(converted), places)
        add_walks(walks, journeys)
        for month, day, number, value in _sums([converted.months, converted.days], _ones(converted), converted.values):
            to_split[month][day][0] += number
            to_split[month][day][1] += value
    for month, days in to_split.items():
        shares = weights(walks[month], places.known)
        for day, (number, value) in days.items():
            _add(found, "markov", day, shares, number * WHOLE, value)
    credits = (
        Credit(model, date.fromordinal(_EPOCH + day), place, *sums) for (model, day, place), sums in found.items()
    )
    return sorted(credit for credit in credits if credit.conversions or credit.value)


_EPOCH = date(1970, 1, 1).toordinal()


def _add_untouched(found: _Sums, journeys: Journeys) -> None:
    for day, number, value in _sums([journeys.days], _ones(journeys), journeys.values):
        for model in MODELS:
            _add(found, model, day, {UNATTRIBUTED: 1}, number * WHOLE, value)


def _add_touches(found: _Sums, model: str, journeys: Journeys, touches: np.ndarray, places: Places) -> None:
    """Add conversions touch by touch, by the weights of `touches`: the cents of a place are those of its touches."""
    conversions = apportion_each(np.full(len(journeys.counts), WHOLE), touches, journeys.counts)
    values = apportion_each(journeys.values, touches, journeys.counts)
    days = np.repeat(journeys.days, journeys.counts)
    for day, number, conversion, value in _sums([days, journeys.places], conversions, values):
        sums = found[model, day, places.known[number]]
        sums[0] += conversion
        sums[1] += value


def _add(found: _Sums, model: str, day: int, shares: Mapping[Place, int], conversions: int, value: int) -> None:
    numbers = list(shares.values())
    parts = zip(shares, apportion(conversions, numbers), apportion(value, numbers), strict=True)
    for place, conversion, worth in parts:
        sums = found[model, day, place]
        sums[0] += conversion
        sums[1] += worth


def _ones(journeys: Journeys) -> np.ndarray:
    return np.ones(len(journeys.counts), np.int64)


def _sums(keys: list[np.ndarray], *values: np.ndarray) -> Iterable[tuple[int, ...]]:
    """Return (key, ..., sum, ...) for each combination of `keys` that there is."""
    if not len(keys[0]):
        return []
    order = np.lexsort(keys[::-1])
    ordered = [key[order] for key in keys]
    begins = np.flatnonzero(np.any([np.diff(key, prepend=key[0] - 1) != 0 for key in ordered], axis=0))
    columns = [key[begins] for key in ordered] + [np.add.reduceat(value[order], begins) for value in values]
    return zip(*(column.tolist() for column in columns), strict=True)
