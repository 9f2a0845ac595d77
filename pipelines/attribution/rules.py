"""How much of a conversion each touch of its journey gets, by the rules that look at one journey alone."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from pipelines.attribution.journeys import Touch

_PRECISION = 10**12
Rule = Callable[[Sequence[Touch]], list[int]]


def first(touches: Sequence[Touch]) -> list[int]:
    """Return weights: all to the first touch."""
    return [1, *[0] * (len(touches) - 1)]


def last(touches: Sequence[Touch]) -> list[int]:
    """Return weights: all to the last touch."""
    return [*[0] * (len(touches) - 1), 1]


def linear(touches: Sequence[Touch]) -> list[int]:
    """Return weights: the same to every touch."""
    return [1] * len(touches)


def position(touches: Sequence[Touch]) -> list[int]:
    """Return weights: 40 % to the first, 40 % to the last, 20 % to those between; of two touches, half to each."""
    between = len(touches) - 2
    if between <= 0:
        return [1] * len(touches)
    return [2 * between, *[1] * between, 2 * between]


def time_decay(half_life: timedelta) -> Rule:
    """Return the rule by which a touch gets half of what one that came `half_life` later gets."""

    def rule(touches: Sequence[Touch]) -> list[int]:
        newest = touches[-1].at
        return [round(_PRECISION * 2 ** -((newest - touch.at) / half_life)) for touch in touches]

    return rule
