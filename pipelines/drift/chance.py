"""How probable a night is if nothing is wrong. Each function gives the probability of as much, or of more."""

import math

from scipy import stats

#: What is believed before the first night: half a percent, as if seen on so many rows. A night never counts as more
#: rows than these, however many it has: nights differ from each other by more than chance.
PRIOR_SHARE, PRIOR_ROWS = 0.005, 100
_FEWEST_ROWS, _NIGHTS = 5, 5


def share_chance(observed: int, rows: int, past: list[tuple[int, int]]) -> tuple[float, float]:
    """Return (chance, usual count) of at least `observed` of `rows`, after nights with `past` (observed, rows).

    Beta-binomial: the mean is that of the nights and of what is believed before; the spread is that of the shares of
    the nights (method of moments), or that of PRIOR_ROWS rows, where that is wider or there are few nights.
    """
    if rows == 0:
        return 1.0, 0.0
    shares = [(seen / of, min(of, PRIOR_ROWS)) for seen, of in past if of]
    weight = PRIOR_ROWS + sum(own for _, own in shares)
    mean = (PRIOR_SHARE * PRIOR_ROWS + sum(share * own for share, own in shares)) / weight
    usual = rows * mean
    if observed <= usual:
        return 1.0, usual
    size = _as_if_rows([share for share, _ in shares])
    return float(stats.betabinom.sf(observed - 1, rows, mean * size, (1 - mean) * size)), usual


def _as_if_rows(shares: list[float]) -> float:
    """Of how many rows the nights would be if they differed by chance alone."""
    if len(shares) < _NIGHTS:
        return PRIOR_ROWS
    mean = sum(shares) / len(shares)
    variance = sum((share - mean) ** 2 for share in shares) / (len(shares) - 1)
    if variance == 0:
        return PRIOR_ROWS
    return min(max(mean * (1 - mean) / variance - 1, _FEWEST_ROWS), PRIOR_ROWS)


def count_chance(observed: int, daily: list[int], days: int) -> tuple[float, float]:
    """Return (chance, usual count) of a count as far from usual as `observed` in `days` days, on either side.

    `daily` are the counts of the days before. Negative binomial with their mean and variance: busy days and quiet ones
    are part of what is usual. Without history everything is usual.
    """
    if len(daily) < 14 or days < 1:
        return 1.0, float(observed)
    mean = sum(daily) / len(daily)
    variance = sum((count - mean) ** 2 for count in daily) / (len(daily) - 1)
    usual = mean * days
    if usual == 0:
        # a source that had been silent speaks: nothing says how loud
        return 1.0, 0.0
    spread = max(variance * days, usual * 1.0001) + (usual * 0.25) ** 2
    size = usual**2 / (spread - usual)
    law = stats.nbinom(size, size / (size + usual))
    tail = law.cdf(observed) if observed < usual else law.sf(observed - 1)
    return min(1.0, 2 * float(tail)), usual


def at_least(observed: int, rows: int, share: float) -> float:
    """Return the chance of at least `observed` of `rows` where each is one with probability `share`."""
    return float(stats.binom.sf(observed - 1, rows, min(max(share, 0.0), 1.0))) if observed else 1.0


def at_most(observed: int, rows: int, share: float) -> float:
    """Return the chance of at most `observed` of `rows` where each is one with probability `share`."""
    return float(stats.binom.cdf(observed, rows, min(max(share, 0.0), 1.0)))


def is_alarm(chance: float, watched: int, per_night: float) -> bool:
    """Return whether `chance` is too small to be one, among `watched` readings of a night.

    All readings of a night together raise a false alarm with a probability of at most `per_night` (Bonferroni).
    """
    return not math.isnan(chance) and chance < per_night / max(watched, 1)
