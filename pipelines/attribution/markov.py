"""The removal effect: what share of conversions would be lost if a place were not there.

Journeys are taken for walks of a Markov chain of order 1, from place to place, that end in a conversion or in nothing.
Anderl, Becker, von Wangenheim and Schumann (2016), Mapping the customer journey.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from pipelines.attribution.journeys import Journeys, Place

_PRECISION = 10**12
# beside the numbers of places: where walks begin, and how they end
_START, _CONVERTED, _LOST = -1, -2, -3

# From where to where, by their numbers, and how often.
Walks = Mapping[int, Counter[int]]


def new_walks() -> dict[int, dict[int, Counter[int]]]:
    """Return the walks of each month (since the year 0), none yet."""
    return defaultdict(lambda: defaultdict(Counter))


def add_walks(months: dict[int, dict[int, Counter[int]]], journeys: Journeys) -> None:
    """Add to the walks of each month how often the journeys that ended in it went from where to where.

    A conversion without touches tells nothing and is left out.
    """
    touched = journeys.where(journeys.counts > 0)
    ends = np.cumsum(touched.counts)
    begins = ends - touched.counts
    inner = np.ones(len(touched.places), bool)
    inner[begins] = False
    how = np.where(touched.converted, _CONVERTED, _LOST)
    within = np.flatnonzero(inner)
    owner = np.repeat(np.arange(len(touched.counts)), touched.counts)
    steps = np.concatenate(
        [
            np.stack([touched.months, np.full(len(begins), _START), touched.places[begins]]),
            np.stack([touched.months[owner[within]], touched.places[within - 1], touched.places[within]]),
            np.stack([touched.months, touched.places[ends - 1], how]),
        ],
        axis=1,
    )
    different, often = np.unique(steps, axis=1, return_counts=True)
    for month, here, there, count in zip(*different.tolist(), often.tolist(), strict=True):
        months[month][here][there] += count


def removal_effects(walks: Walks, known: Sequence[Place]) -> dict[Place, float]:
    """Return place -> share (0..1) of the chain's conversions that would be lost without it, the places sorted.

    `known` are the places by their numbers. A walk that comes to a place that is removed ends there without conversion.
    All are 0 where nothing converts. Arithmetic is plain and in a fixed order, so that the same journeys, in whatever
    order, give the same figures on every machine.
    """
    places = sorted((here for here in walks if here >= 0), key=lambda number: known[number])
    if not places:
        return {}
    steps = _shares(walks)
    visits = _inverse([[float(a == b) - steps[a].get(b, 0.0) for b in places] for a in places])
    ends = [steps[place].get(_CONVERTED, 0.0) for place in places]
    converts = [sum(v * e for v, e in zip(row, ends, strict=True)) for row in visits]
    begins = [steps[_START].get(place, 0.0) for place in places]
    all_conversions = sum(b * c for b, c in zip(begins, converts, strict=True))
    if all_conversions <= 0:
        return {known[place]: 0.0 for place in places}
    effects = {}
    for n, place in enumerate(places):
        # a walk comes to the place at least once: expected visits by those of a walk that is there
        comes_by = sum(b * row[n] for b, row in zip(begins, visits, strict=True)) / visits[n][n]
        effects[known[place]] = comes_by * converts[n] / all_conversions
    return effects


def weights(walks: Walks, known: Sequence[Place]) -> dict[Place, int]:
    """Return the removal effects as whole numbers, in millionths of millionths."""
    return {place: round(effect * _PRECISION) for place, effect in removal_effects(walks, known).items()}


def _shares(walks: Walks) -> dict[int, dict[int, float]]:
    return {here: {there: count / sum(ways.values()) for there, count in ways.items()} for here, ways in walks.items()}


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Return the inverse, by Gauss and Jordan without exchanging rows: here every row's diagonal is its largest entry.

    (It is 1 less the share of walks that stay, and the other entries of the row add up to at most that.)
    """
    size = len(matrix)
    rows = [[*row, *(float(n == m) for m in range(size))] for n, row in enumerate(matrix)]
    for n in range(size):
        pivot = rows[n][n]
        own = rows[n] = [value / pivot for value in rows[n]]
        for m in range(size):
            factor = rows[m][n]
            if m != n and factor:
                rows[m] = [value - factor * other for value, other in zip(rows[m], own, strict=True)]
    return [row[size:] for row in rows]
