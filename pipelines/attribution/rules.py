"""How much of a conversion each touch of its journey gets, by the rules that look at one journey alone.

Each returns weights, whole numbers, one for each touch of journeys that have touches.
"""

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from pipelines.attribution.journeys import Journeys

_PRECISION = 10**12
Rule = Callable[[Journeys], np.ndarray]


def first(journeys: Journeys) -> np.ndarray:
    """All to the first touch."""
    return (_place(journeys) == 0).astype(np.int64)


def last(journeys: Journeys) -> np.ndarray:
    """All to the last touch."""
    return (_place(journeys) == _number(journeys) - 1).astype(np.int64)


def linear(journeys: Journeys) -> np.ndarray:
    """The same to every touch."""
    return np.ones(len(journeys.places), np.int64)


def position(journeys: Journeys) -> np.ndarray:
    """40 % to the first, 40 % to the last, 20 % to those between; of two touches, half to each."""
    place, number = _place(journeys), _number(journeys)
    is_outer = (place == 0) | (place == number - 1)
    return np.where(is_outer & (number > 2), 2 * (number - 2), 1)


def time_decay(half_life: timedelta) -> Rule:
    """Return the rule by which a touch gets half of what one that came `half_life` later gets."""
    micros = half_life / timedelta(microseconds=1)

    def rule(journeys: Journeys) -> np.ndarray:
        newest = np.repeat(journeys.instants[np.cumsum(journeys.counts) - 1], journeys.counts)
        waits = ((newest - journeys.instants) / micros).tolist()
        # the powers of the C library: those of NumPy depend on the processor
        return np.rint(_PRECISION * np.array([2.0**-wait for wait in waits])).astype(np.int64)

    return rule


def _place(journeys: Journeys) -> np.ndarray:
    """Which touch of its journey each touch is, the first one 0."""
    begins = np.cumsum(journeys.counts) - journeys.counts
    return np.arange(len(journeys.places)) - np.repeat(begins, journeys.counts)


def _number(journeys: Journeys) -> np.ndarray:
    """How many touches the journey of each touch has."""
    return np.repeat(journeys.counts, journeys.counts)
