"""Rounding, and conversion to the reporting currency by the rate of the day."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from pipelines.demo.calendar import local_day
from pipelines.demo.model import ExchangeRate

REPORTING_CURRENCY = "EUR"
_CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Return `amount` rounded to two decimals, half a cent away from zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def booked(exact: Iterable[Decimal]) -> list[Decimal]:
    """Return the cents of each row of a document from their exact amounts, in the same order.

    They add up to the exact sum, rounded once: a row takes what the rounded running total grows by.
    """
    total = Decimal(0)
    shares: list[Decimal] = []
    for amount in exact:
        total += amount
        shares.append(cents(total) - sum(shares, Decimal(0)))
    return shares


class Rates:
    """The rates to the reporting currency, by the local day of an instant, as its date role has it."""

    def __init__(self, rates: tuple[ExchangeRate, ...]) -> None:
        """Take the rates of every currency, in any order."""
        self._days: dict[str, list] = {}
        for rate in sorted(rates, key=lambda r: r.valid_from):
            self._days.setdefault(rate.from_currency, []).append((rate.valid_from, rate.rate))

    def at(self, currency: str, instant: datetime) -> Decimal:
        """Return the newest rate of `currency` on the local day of `instant`. Raises LookupError when there is none."""
        if currency == REPORTING_CURRENCY:
            return Decimal(1)
        days = self._days[currency]
        newest = bisect_right(days, local_day(instant), key=lambda entry: entry[0]) - 1
        if newest < 0:
            raise LookupError(f"no rate from {currency} on {instant}")
        return days[newest][1]
