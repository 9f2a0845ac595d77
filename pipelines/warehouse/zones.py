"""When each time zone had which offset, as spans of local time: how text without an offset becomes an instant."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from pipelines.config import Settings, Source

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


def zone_of(source: Source, settings: Settings) -> str:
    """Return the time zone of timestamps that name no offset in `source`."""
    return source.options.time_zone or settings.company.time_zone


def zones_of(settings: Settings) -> list[tuple[str, datetime, datetime, int]]:
    """Return the offsets of all time zones that text of the sources can be in, as `offsets` does."""
    return offsets({zone_of(source, settings) for source in settings.sources})


def offsets(zones: Iterable[str]) -> list[tuple[str, datetime, datetime, int]]:
    """Return (zone, local_from, local_until, offset in minutes) for 1970 to 2100; the spans of a zone cover all of it.

    An hour that happens twice is its first occurrence; a local time that is skipped is read with the offset before the
    jump. Both are what Python's `zoneinfo` does with fold=0.
    """
    return [span for zone in sorted(zones) for span in _spans(zone)]


@cache
def _spans(zone: str) -> list[tuple[str, datetime, datetime, int]]:
    info = ZoneInfo(zone)
    start = datetime.min
    current = _offset(info, FIRST)
    spans = []
    for change in _changes(info):
        following = _offset(info, change)
        boundary = change.replace(tzinfo=None) + max(current, following)
        spans.append((zone, start, boundary, _minutes(current)))
        start, current = boundary, following
    return [*spans, (zone, start, datetime.max.replace(microsecond=0), _minutes(current))]


def _changes(info: ZoneInfo) -> list[datetime]:
    """The instants at which the offset changes, found by halving each day that ends with another offset."""
    found = []
    for day in range((LAST - FIRST).days):
        before = FIRST + day * _DAY
        if _offset(info, before) != _offset(info, before + _DAY):
            low, high = before, before + _DAY
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if _offset(info, middle) == _offset(info, before) else (low, middle)
            found.append(high.replace(microsecond=0))
    return found


def _offset(info: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(info).utcoffset() or timedelta()


def _minutes(offset: timedelta) -> int:
    return round(offset.total_seconds() / 60)
