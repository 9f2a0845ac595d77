"""The demo's clock: its time zone, its three years, and how instants become local periods."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_DAY = date(2023, 1, 1)
LAST_DAY = date(2025, 12, 31)
AS_OF = datetime(2026, 1, 1, tzinfo=BERLIN)
_SEASON = (0.75, 0.70, 0.85, 1.00, 1.20, 1.25, 1.15, 1.00, 0.85, 0.80, 1.15, 1.50)
_YEARLY_GROWTH = 1.22
_HOURS = (1, 1, 0, 0, 1, 1, 2, 4, 6, 8, 9, 9, 9, 8, 7, 7, 8, 9, 10, 11, 11, 9, 6, 3)


def local(instant: datetime) -> datetime:
    """Return `instant` (aware) on the clocks of Berlin."""
    return instant.astimezone(BERLIN)


def local_day(instant: datetime) -> date:
    """Return the calendar day in Berlin at `instant` (aware)."""
    return local(instant).date()


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return the instant, in UTC, at which the clocks of Berlin show this time of `day`."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=BERLIN).astimezone(UTC)


def period_keys(day: date) -> dict[str, str]:
    """Return the periods that contain `day`: grain -> key, as in 2023-05, 2023-Q2 and 2023."""
    return {"month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "year": f"{day.year}"}


def period_bounds(key: str) -> tuple[date, date]:
    """Return the first day of a period (as in 2023-05, 2023-Q2 or 2023) and the first day after it."""
    year, _, part = key.partition("-")
    months = {"": 12, "Q": 3}.get(part[:1], 1)
    first = 1 if not part else 3 * int(part[1:]) - 2 if part[0] == "Q" else int(part)
    start, last = date(int(year), first, 1), int(year) * 12 + first - 1 + months
    return start, date(last // 12, last % 12 + 1, 1)


def all_periods() -> dict[str, list[str]]:
    """Return every period of the demo's span in order: grain -> keys."""
    periods: dict[str, list[str]] = {"month": [], "quarter": [], "year": []}
    for last in month_ends():
        for grain, key in period_keys(last).items():
            if key not in periods[grain]:
                periods[grain].append(key)
    return periods


def month_starts(first: date, last: date) -> Iterator[date]:
    """Yield the first day of every month from that of `first` to that of `last`."""
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = (day + timedelta(days=31)).replace(day=1)


def month_ends() -> Iterator[date]:
    """Yield the last day of every month of the demo's span."""
    for start in month_starts(FIRST_DAY, LAST_DAY):
        yield (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def business_instants(rng: Random, count: int, first: date = FIRST_DAY, last: date = LAST_DAY) -> list[datetime]:
    """Return `count` sorted instants (UTC) of customers doing something: growing, seasonal, mostly in the evening.

    None is in the hour 02 of Berlin's clocks, which some nights have twice or not at all.
    """
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weights = [_weight(day) for day in days]
    chosen = rng.choices(days, weights, k=count)
    hours = rng.choices(range(24), _HOURS, k=count)
    return sorted(at(day, hour, rng.randrange(60), rng.randrange(60)) for day, hour in zip(chosen, hours, strict=True))


def office_time(rng: Random, day: date) -> datetime:
    """Return an instant (UTC) of `day` between 08:00 and 19:59 in Berlin."""
    return at(day, rng.randrange(8, 20), rng.randrange(60), rng.randrange(60))


def happened(instant: datetime) -> bool:
    """Return whether `instant` is before the demo's as_of."""
    return instant < AS_OF


def later(instant: datetime, wait: timedelta) -> datetime | None:
    """Return the instant after `wait`, or None if that has not happened yet."""
    return instant + wait if happened(instant + wait) else None


def _weight(day: date) -> float:
    years = (day - FIRST_DAY).days / 365.25
    weekend = 1.15 if day.weekday() >= 5 else 1.0
    return _SEASON[day.month - 1] * _YEARLY_GROWTH**years * weekend
