"""How long Alder & Finch's schedules are open between two instants."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.demo.calendar import FIRST_DAY, LAST_DAY
from pipelines.demo.model import BusinessSchedule, Company

_MARGIN = timedelta(days=3)


class OpeningHours:
    """The hours of every schedule, as spans of instants."""

    def __init__(self, company: Company) -> None:
        """Take the schedules and holidays of the company."""
        self._rows: dict[str, list[BusinessSchedule]] = {}
        for row in company.business_schedules:
            self._rows.setdefault(row.schedule_id, []).append(row)
        self._holidays = {(h.schedule_id, h.date): h for h in company.holidays}
        self._spans = {schedule: _joined(self._all_spans(schedule)) for schedule in self._rows}

    def first(self) -> str:
        """Return the schedule that comes first by name."""
        return min(self._rows)

    def seconds(self, schedule: str, first: datetime, last: datetime) -> int:
        """Return how many seconds the schedule is open from `first` to `last`."""
        spans = self._spans[schedule]
        place = max(0, bisect_right(spans, first, key=lambda span: span[0]) - 1)
        total = timedelta(0)
        for opens, closes in spans[place:]:
            if opens >= last:
                break
            total += max(timedelta(0), min(closes, last) - max(opens, first))
        return int(total.total_seconds())

    def instant_after(self, schedule: str, first: datetime, seconds: int) -> datetime | None:
        """Return when the schedule will have been open for `seconds` since `first`; None where that is far away."""
        left = timedelta(seconds=seconds)
        for opens, closes in self._spans[schedule]:
            length = closes - max(opens, first)
            if length <= timedelta(0):
                continue
            if left <= length:
                return max(opens, first) + left
            left -= length
        return None

    def _all_spans(self, schedule: str) -> Iterator[tuple[datetime, datetime]]:
        day = FIRST_DAY - _MARGIN
        while day <= LAST_DAY + _MARGIN:
            valid = [
                r for r in self._rows[schedule] if r.valid_from <= day and (r.valid_to is None or day < r.valid_to)
            ]
            holiday = self._holidays.get((schedule, day))
            if holiday is None:
                hours = [(r.opens, r.closes) for r in valid if r.weekday == day.isoweekday()]
            else:
                hours = [(holiday.opens, holiday.closes)] if holiday.opens and holiday.closes and valid else []
            for opens, closes in hours:
                yield _instant(day, opens, valid[0].time_zone), _instant(day, closes, valid[0].time_zone)
            day += timedelta(days=1)


def _instant(day: date, time: str, zone: str) -> datetime:
    minutes = int(time[:2]) * 60 + int(time[3:])
    shown = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    return shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _joined(spans: Iterator[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return spans that do not touch, in order."""
    found: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return found
