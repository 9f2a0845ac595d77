"""What a method would have foretold at past month ends, and how far off it would have been."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

# Half of 80 % of a normal distribution lies within this many standard deviations on either side.
_Z80 = 1.2816
_FEW = 3

# Given how many months were complete, and how many to foretell: the amounts, or None.
Method = Callable[[int, int], Sequence[float] | None]


@dataclass(frozen=True)
class Score:
    """One foretold month: how many months ahead (from 1), what was foretold, and what came."""

    ahead: int
    foretold: float
    actual: float

    @property
    def error(self) -> float:
        """Foretold less actual."""
        return self.foretold - self.actual


def backtest(actuals: Sequence[float], method: Method, origins: int, months: int) -> list[Score]:
    """Return a score per past origin and month ahead that is complete by now.

    Origins are the last `origins` month ends that have a complete month after them. At each the method is given
    nothing but the number of months that were complete then, so that it can look at those only.
    """
    scores = []
    for known in range(max(0, len(actuals) - origins), len(actuals)):
        foretold = method(known, months) or []
        scores += [
            Score(ahead, amount, actual)
            for ahead, (amount, actual) in enumerate(zip(foretold, actuals[known:], strict=False), start=1)
        ]
    return scores


def wape(scores: Sequence[Score]) -> float | None:
    """Return the sum of absolute errors as a share of what came; None where nothing came or nothing was scored."""
    came = sum(abs(score.actual) for score in scores)
    return sum(abs(score.error) for score in scores) / came if came else None


def bias(scores: Sequence[Score]) -> float | None:
    """Return the sum of errors as a share of what came: positive where too much was foretold; None as for wape."""
    came = sum(score.actual for score in scores)
    return sum(score.error for score in scores) / came if came else None


def half_width(scores: Sequence[Score], ahead: int) -> float | None:
    """Return half the width of an 80 % interval around a forecast so many months ahead; None without any score.

    By the root mean square of the errors at that distance, or of all errors where there are fewer than three.
    """
    errors = [score.error for score in scores if score.ahead == ahead]
    if len(errors) < _FEW:
        errors = [score.error for score in scores]
    return _Z80 * sqrt(sum(error * error for error in errors) / len(errors)) if errors else None
