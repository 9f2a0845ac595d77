"""Local time to UTC: the spans that the warehouse joins by, against Python's own time zones."""

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.warehouse.zones import offsets

# Half hours, quarter hours, clocks put back by 30 minutes or 2 hours, a day that never was, several changes a year,
# winter as the exception, both hemispheres, and none of it.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Caracas",
    "America/Havana",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Shanghai",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Pacific/Apia",
    "Pacific/Kwajalein",
)
FIRST, LAST = datetime(1970, 1, 3), datetime(2099, 12, 29)
Span = tuple[str, datetime, datetime, int]


@lru_cache
def spans_of(zone: str) -> tuple[Span, ...]:
    return tuple(offsets([zone]))


def utc_by_spans(zone: str, local: datetime) -> datetime:
    """Return the instant as the warehouse finds it: local_from <= local < local_until gives one offset."""
    (minutes,) = [span[3] for span in spans_of(zone) if span[1] <= local < span[2]]
    return local - timedelta(minutes=minutes)


def utc_by_python(zone: str, local: datetime) -> datetime:
    offset = local.replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset()
    assert offset is not None
    return local - offset


ANY_TIME = st.datetimes(FIRST, LAST)


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[str, datetime]:
    zone = draw(st.sampled_from([zone for zone in ZONES if len(spans_of(zone)) > 1]))
    changes = [span[1] for span in spans_of(zone)[1:] if FIRST < span[1] < LAST]
    return zone, draw(st.sampled_from(changes)) + timedelta(seconds=draw(st.integers(-30 * 3600, 30 * 3600)))


@settings(max_examples=300, deadline=None)
@given(zone=st.sampled_from(ZONES), local=ANY_TIME)
def test_a_local_time_is_the_instant_that_python_says(zone: str, local: datetime):
    assert utc_by_spans(zone, local) == utc_by_python(zone, local)


@settings(max_examples=300, deadline=None)
@given(zone_and_local=near_a_change())
def test_around_a_change_of_the_clocks_too(zone_and_local: tuple[str, datetime]):
    assert utc_by_spans(*zone_and_local) == utc_by_python(*zone_and_local)


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_second_before_each_change_and_the_first_after_it(zone: str):
    for _, change, _, _ in spans_of(zone)[1:]:
        for local in (change - timedelta(seconds=1), change):
            assert utc_by_spans(zone, local) == utc_by_python(zone, local)


@pytest.mark.parametrize("zone", ZONES)
def test_the_spans_of_a_zone_cover_all_time_once(zone: str):
    spans = spans_of(zone)
    assert {span[0] for span in spans} == {zone}
    assert spans[0][1] == datetime.min
    assert spans[-1][2] > datetime(9999, 12, 30)
    for earlier, later in pairwise(spans):
        assert earlier[1] < earlier[2] == later[1]
        assert earlier[3] != later[3]


def test_an_hour_that_happens_twice_is_its_first_occurrence_and_a_skipped_one_keeps_the_offset_before():
    assert utc_by_spans("Europe/Berlin", datetime(2025, 10, 26, 2, 30)) == datetime(2025, 10, 26, 0, 30)
    assert utc_by_spans("Europe/Berlin", datetime(2025, 10, 26, 3, 0)) == datetime(2025, 10, 26, 2, 0)
    assert utc_by_spans("Europe/Berlin", datetime(2025, 3, 30, 2, 30)) == datetime(2025, 3, 30, 1, 30)
    assert utc_by_spans("Europe/Berlin", datetime(2025, 3, 30, 3, 0)) == datetime(2025, 3, 30, 1, 0)


def test_each_zone_that_is_asked_for_is_there_once():
    assert [span[0] for span in offsets(["UTC", "Asia/Kolkata", "Asia/Shanghai"]) if span[1] == datetime.min] == [
        "Asia/Kolkata",
        "Asia/Shanghai",
        "UTC",
    ]
    assert offsets([]) == []
