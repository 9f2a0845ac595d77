"""How the known answers add up and write amounts."""

from collections.abc import Iterable
from decimal import Decimal

from pipelines.demo.money import cents

UNKNOWN = "(unknown)"
Totals = dict[str, dict[str, dict[str, Decimal]]]


def exact(amount: Decimal) -> str:
    """Return an unrounded amount as plain text without trailing zeros."""
    written = f"{amount:f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"


def rounded(amount: Decimal) -> str:
    """Return an amount rounded half up to two decimals, as text."""
    return f"{cents(amount):f}"


def add(totals: Totals, periods: dict[str, str], member: str, amount: Decimal) -> None:
    """Add `amount` to a member's total in each of the periods (grain -> key)."""
    for grain, key in periods.items():
        members = totals.setdefault(grain, {}).setdefault(key, {})
        members[member] = members.get(member, Decimal(0)) + amount


def written(totals: Totals, name: str, grains: Iterable[str]) -> dict:
    """Return totals as text: grain -> period -> member -> {name, name_exact}."""
    return {
        grain: {
            key: {member: {name: rounded(v), f"{name}_exact": exact(v)} for member, v in sorted(members.items())}
            for key, members in sorted(totals.get(grain, {}).items())
        }
        for grain in grains
    }
