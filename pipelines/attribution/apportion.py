"""Splitting a whole number so that the parts add up to it exactly."""

from collections.abc import Sequence

import numpy as np

_BASE = 1000
_DIGITS = 7
# what a remainder of a long division by `_BASE` may be multiplied with and stay below 2^63
_MOST = 2**62 // _BASE


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Return the parts of `total` in proportion to `weights`, in their order; they add up to `total` exactly.

    By largest remainder: each part is rounded towards zero, and what is left goes, one by one, to where most was cut
    off, among equals to the first. No part is off by 1 or more. Raises ValueError for a weight below zero, and when no
    weight is above.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"{list(weights)}: weights are not below zero, and one is above.")
    sign = -1 if total < 0 else 1
    parts, cuts = [], []
    for weight in weights:
        part, cut = divmod(abs(total) * weight, whole)
        parts.append(part)
        cuts.append(cut)
    left = abs(total) - sum(parts)
    for place in sorted(range(len(parts)), key=lambda n: (-cuts[n], n))[:left]:
        parts[place] += 1
    return [sign * part for part in parts]


def apportion_each(totals: np.ndarray, weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the parts of each of `totals`, one after the other, as `apportion` makes them.

    The first of `counts` says how many of `weights` are those of the first total, and so on; none is 0. All are whole
    numbers of 64 bits. Raises ValueError as `apportion` does.
    """
    if not len(totals):
        return np.zeros(0, np.int64)
    begins = np.cumsum(counts) - counts
    wholes = np.add.reduceat(weights, begins)
    if weights.min() < 0 or wholes.min() <= 0 or wholes.max() > _MOST:
        own = np.split(weights, begins[1:])
        each = [apportion(total, own.tolist()) for total, own in zip(totals.tolist(), own, strict=True)]
        return np.array([part for parts in each for part in parts], np.int64)
    parts, cuts = _divided(np.repeat(np.abs(totals), counts), weights, np.repeat(wholes, counts))
    left = np.abs(totals) - np.add.reduceat(parts, begins)
    # only where something is left it matters where most was cut off
    open_ones = np.flatnonzero(np.repeat(left, counts))
    owner = np.repeat(np.arange(len(totals)), counts)[open_ones]
    order = np.lexsort((-cuts[open_ones], owner))
    sizes = counts[left > 0]
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    gets_one = open_ones[order[rank < np.repeat(left[left > 0], sizes)]]
    parts[gets_one] += 1
    return np.where(np.repeat(totals, counts) < 0, -parts, parts)


def _divided(totals: np.ndarray, weights: np.ndarray, wholes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return quotient and remainder of `totals * weights / wholes`: long division, three digits of a total at a time.

    So no product is larger than 64 bits hold, which that of a total and a weight can be.
    """
    quotient, rest = np.zeros_like(totals), np.zeros_like(totals)
    for place in reversed(range(_DIGITS)):
        digits = totals // _BASE**place % _BASE
        if digits.any() or rest.any():
            more, rest = np.divmod(rest * _BASE + digits * weights, wholes)
            quotient = quotient * _BASE + more
        else:
            quotient = quotient * _BASE
    return quotient, rest
