"""When Alder & Finch's service is open, what it promises, and what it costs."""

from datetime import date, datetime
from decimal import Decimal

from pipelines.demo.calendar import FIRST_DAY, LAST_DAY, at, month_starts
from pipelines.demo.model import BusinessSchedule, Holiday, ServiceCost, SlaPolicy
from pipelines.demo.teams import SERVICE_TEAM

_FOUNDED = date(2020, 1, 1)
# From this day on service opens earlier and closes later, works on Saturdays, and leaves early on Fridays.
NEW_HOURS = date(2024, 7, 1)
_BERLIN, _NEW_YORK = "Europe/Berlin", "America/New_York"
_DAYS_OFF = (
    (1, 1, "New Year"),
    (5, 1, "Labour Day"),
    (10, 3, "Unity Day"),
    (12, 25, "Christmas"),
    (12, 26, "Boxing Day"),
)
_HALF_DAYS = ((12, 24, "Christmas Eve"), (12, 31, "New Year's Eve"))


def make_schedules() -> tuple[BusinessSchedule, ...]:
    """Return a hotline that never closes, the overseas office, and support, whose hours change once."""
    hotline = [BusinessSchedule("hotline", day, "00:00", "24:00", _BERLIN, _FOUNDED) for day in range(1, 8)]
    overseas = [BusinessSchedule("overseas", day, "09:00", "17:00", _NEW_YORK, _FOUNDED) for day in range(1, 6)]
    before = [
        *(BusinessSchedule("support", day, "09:00", "12:30", _BERLIN, _FOUNDED, NEW_HOURS) for day in range(1, 6)),
        *(BusinessSchedule("support", day, "13:00", "17:00", _BERLIN, _FOUNDED, NEW_HOURS) for day in range(1, 6)),
    ]
    after = [
        *(BusinessSchedule("support", day, "08:00", "18:00", _BERLIN, NEW_HOURS) for day in range(1, 5)),
        # the same opening as before, and another closing
        BusinessSchedule("support", 5, "09:00", "15:00", _BERLIN, NEW_HOURS),
        BusinessSchedule("support", 6, "10:00", "14:00", _BERLIN, NEW_HOURS),
    ]
    return (*hotline, *overseas, *before, *after)


def make_holidays() -> tuple[Holiday, ...]:
    """Return the days on which support is closed, and those on which it closes at noon."""
    years = range(FIRST_DAY.year, LAST_DAY.year + 1)
    off = [Holiday("support", date(year, m, d), None, None, name) for year in years for m, d, name in _DAYS_OFF]
    half = [Holiday("support", date(year, m, d), "09:00", "12:00", name) for year in years for m, d, name in _HALF_DAYS]
    return tuple(sorted(off + half, key=lambda holiday: holiday.date))


def make_policies() -> tuple[SlaPolicy, ...]:
    """Return a promise of the first reply and one of the resolution for each priority; one of them changes."""
    change = at(NEW_HOURS, 0)

    def reply(key: str, priority: str, minutes: int, *valid: datetime | None) -> SlaPolicy:
        return SlaPolicy(key, f"Reply {priority}", priority, "first_reply", minutes, "business", "support", *valid)

    def solve(key: str, priority: str, minutes: int, schedule: str) -> SlaPolicy:
        return SlaPolicy(key, f"Solve {priority}", priority, "resolution", minutes, "business", schedule)

    return (
        SlaPolicy("P1", "Reply urgent", "urgent", "first_reply", 120, "calendar"),
        reply("P2", "high", 180),
        reply("P3", "normal", 600, None, change),
        reply("P4", "normal", 480, change, None),
        reply("P5", "low", 960),
        SlaPolicy("P6", "Solve urgent", "urgent", "resolution", 5760, "calendar"),
        solve("P7", "high", 1920, "support"),
        solve("P8", "normal", 2880, "support"),
        solve("P9", "low", 3600, "overseas"),
    )


def make_service_costs() -> tuple[ServiceCost, ...]:
    """Return salaries by person and month, training by quarter, equipment by year, and what names no team."""
    rows: list[tuple] = []
    for start in month_starts(FIRST_DAY, LAST_DAY):
        raised = Decimal(start.year - FIRST_DAY.year) * Decimal("85.55")
        for user, salary in (("U07", "4310.10"), ("U08", "3675.25"), ("U09", "3405.40")):
            rows.append((start, "month", None, user, "salary", Decimal(salary) + raised, "EUR"))
        if start.month % 3 == 1:
            rows.append((start, "quarter", SERVICE_TEAM, None, "training", Decimal("1234.56"), "EUR"))
            rows.append((start, "month", None, None, "other", Decimal("99.99"), "EUR"))
        if start.month == 1:
            rows.append((start, "year", SERVICE_TEAM, None, "equipment", Decimal("5400.01"), "USD"))
    return tuple(ServiceCost(f"E{n:04}", *row) for n, row in enumerate(rows, start=1))
