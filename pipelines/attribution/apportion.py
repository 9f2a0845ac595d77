"""Splitting a whole number so that the parts add up to it exactly."""

from collections.abc import Sequence


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
