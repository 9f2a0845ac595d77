"""What Alder & Finch means to reach."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import month_starts
from pipelines.demo.model import Target

_TEAM_SHARES = {"T01": "0.45", "T02": "0.25", "T03": "0.2"}
# The seller U04 is measured by quarters once; U05 and U14 have no target at all.
_USER_SHARES = {"U01": "0.18", "U02": "0.16", "U03": "0.14", "U04": "0.12", "U06": "0.1", "U13": "0.1"}
_BY_QUARTER = ("U04", date(2025, 7, 1))
_LEFT = ("U06", date(2025, 4, 1))
_MIDDLE_YEAR = 2024
_YEARLY_GROWTH = Decimal("1.2")
_METRICS = ("revenue", "won_amount")


def make_targets(rng: Random, revenue: Decimal, won: Decimal) -> tuple[Target, ...]:
    """Return the monthly targets of 2024 and 2025, given what a month of all years brings on average, in EUR.

    The company's own for won deals go on into the first half of 2026.
    """
    basis = {"revenue": revenue, "won_amount": won}
    found = []
    for metric in _METRICS:
        last = date(2026, 6, 1) if metric == "won_amount" else date(2025, 12, 1)
        for month in month_starts(date(2024, 1, 1), last):
            company = basis[metric] * _YEARLY_GROWTH ** (month.year - _MIDDLE_YEAR) * rng.randrange(85, 120) / 100
            found.append(("company", None, metric, "month", month, company))
            if month.year < 2026:
                found += _below(metric, month, company)
    return tuple(
        Target(f"G{n:04}", level, member, metric, grain, start, _rounded(amount), "EUR")
        for n, (level, member, metric, grain, start, amount) in enumerate(found, start=1)
    )


def _below(metric: str, month: date, company: Decimal) -> Iterator[tuple]:
    """Yield what the teams and sellers have to bring of a month's target."""
    for team, share in _TEAM_SHARES.items():
        yield "team", team, metric, "month", month, company * Decimal(share)
    for user, share in _USER_SHARES.items():
        start = _BY_QUARTER[1]
        if user == _LEFT[0] and month >= _LEFT[1]:
            continue
        if user == _BY_QUARTER[0] and month.year == start.year and start.month <= month.month < start.month + 3:
            if month == start:
                yield "user", user, metric, "quarter", month, company * Decimal(share) * 3
            continue
        yield "user", user, metric, "month", month, company * Decimal(share)


def _rounded(amount: Decimal) -> Decimal:
    """Return an amount in whole hundreds."""
    return (amount / 100).quantize(Decimal(1)) * 100
