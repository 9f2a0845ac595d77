"""How the known answers add up and write amounts."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from pipelines.demo.money import cents
from pipelines.demo.size import size

UNKNOWN = "(unknown)"
_MICRO = Decimal("0.000001")
Totals = dict[str, dict[str, dict[str, Decimal]]]


def exact(amount: Decimal) -> str:
    """Return an unrounded amount as plain text without trailing zeros."""
    written = f"{amount:f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"


def in_cents(amount: Decimal) -> str:
    """Return an amount as text with two decimals. Raises ValueError for parts of a cent: documents have none."""
    if cents(amount) != amount:
        raise ValueError(f"{amount} is not a sum of cents")
    return f"{cents(amount):f}"


def six(value: Fraction | None) -> str | None:
    """Return a ratio or a number of days rounded half up to six decimals, as text; None stays None."""
    if value is None:
        return None
    return str((Decimal(value.numerator) / Decimal(value.denominator)).quantize(_MICRO, ROUND_HALF_UP))


def quantile(values: Sequence[Fraction], share: Fraction) -> Fraction | None:
    """Return the value that `share` of the values lie below, linear between neighbours; None where there is none.

    The values are those of one branch; each branch has the same.
    """
    if not values:
        return None
    branches = size().branches
    last = len(values) * branches - 1
    ranked, place = sorted(values), share * last
    low = int(place)
    below, above = ranked[low // branches], ranked[min(low + 1, last) // branches]
    return below + (above - below) * (place - low)


def add(totals: Totals, periods: dict[str, str], member: str, amount: Decimal) -> None:
    """Add `amount` to a member's total in each of the periods (grain -> key)."""
    for grain, key in periods.items():
        members = totals.setdefault(grain, {}).setdefault(key, {})
        members[member] = members.get(member, Decimal(0)) + amount


def written(figures: dict[str, Totals], grains: Iterable[str]) -> dict:
    """Return totals as text: grain -> period -> member -> figure -> amount.

    The figures are those of the same members; one named *_exact is written unrounded, any other in cents.
    """
    first = next(iter(figures.values()))
    return {
        grain: {
            key: {member: _amounts(figures, grain, key, member) for member in sorted(members)}
            for key, members in sorted(first.get(grain, {}).items())
        }
        for grain in grains
    }


def _amounts(figures: dict[str, Totals], grain: str, key: str, member: str) -> dict[str, str]:
    return {
        name: (exact if name.endswith("_exact") else in_cents)(totals[grain][key][member])
        for name, totals in figures.items()
    }
