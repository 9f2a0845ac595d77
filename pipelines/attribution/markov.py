"""The removal effect: what share of conversions would be lost if a place were not there.

Journeys are taken for walks of a Markov chain of order 1, from place to place, that end in a conversion or in nothing.
Anderl, Becker, von Wangenheim and Schumann (2016), Mapping the customer journey.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from pipelines.attribution.journeys import Journey, Place

_START, _END = "start", "converted"
_PRECISION = 10**12

# From where to where, and how often; an end without conversion is where no share goes.
_Steps = Mapping[Place | str, Mapping[Place | str, float]]


def removal_effects(journeys: Iterable[Journey]) -> dict[Place, float]:
    """Return place -> share (0..1) of the chain's conversions that would be lost without it, the places sorted.

    A walk that comes to a place that is removed ends there without conversion. All are 0 where nothing converts; a
    conversion without touches tells nothing and is left out. Arithmetic is plain and in a fixed order, so that the same
    journeys, in whatever order, give the same figures on every machine.
    """
    counted = _count(journeys)
    places = sorted(place for place in counted if isinstance(place, Place))
    if not places:
        return {}
    steps = _shares(counted)
    visits = _inverse([[float(a == b) - steps[a].get(b, 0.0) for b in places] for a in places])
    ends = [steps[place].get(_END, 0.0) for place in places]
    converts = [sum(v * e for v, e in zip(row, ends, strict=True)) for row in visits]
    begins = [steps[_START].get(place, 0.0) for place in places]
    all_conversions = sum(b * c for b, c in zip(begins, converts, strict=True))
    if all_conversions <= 0:
        return dict.fromkeys(places, 0.0)
    effects = {}
    for n, place in enumerate(places):
        # a walk comes to the place at least once: expected visits by those of a walk that is there
        comes_by = sum(b * row[n] for b, row in zip(begins, visits, strict=True)) / visits[n][n]
        effects[place] = comes_by * converts[n] / all_conversions
    return effects


def weights(journeys: Iterable[Journey]) -> dict[Place, int]:
    """Return the removal effects as whole numbers, in millionths of millionths."""
    return {place: round(effect * _PRECISION) for place, effect in removal_effects(journeys).items()}


def _count(journeys: Iterable[Journey]) -> dict[Place | str, Counter]:
    """Return how often walks went from where to where; None is the end without conversion."""
    found: dict[Place | str, Counter] = defaultdict(Counter)
    for journey in journeys:
        places = [touch.place for touch in journey.touches]
        if places:
            walk = [_START, *places, _END if journey.converted else None]
            for here, there in pairwise(walk):
                found[here][there] += 1
    return found


def _shares(counted: Mapping[Place | str, Counter]) -> _Steps:
    return {
        here: {there: count / sum(ways.values()) for there, count in ways.items() if there is not None}
        for here, ways in counted.items()
    }


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
