"""Laws of business time, for the models as dbt compiles them, on the engine that runs them.

`make test-laws` asks them of a thousand examples each, `make test` of a few.
"""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.paths import DBT_PROJECT

pytestmark = pytest.mark.xdist_group("business_time")

EXAMPLES = settings(deadline=None, max_examples=int(os.environ.get("RAPPORT_LAW_EXAMPLES", "15")))
MODELS = ("int_business_pieces", "int_business_days", "int_business_clock")
TABLES = """
attach ':memory:' as warehouse;
create schema warehouse.core;
create schema warehouse.intermediate;
create table warehouse.core.dim_date (date_day date);
create table warehouse.intermediate.int_business_schedule (
    source varchar, schedule_id varchar, weekday bigint, opens varchar, closes varchar, time_zone varchar,
    valid_from date, valid_to date, is_test boolean
);
create table warehouse.intermediate.int_holiday (
    source varchar, schedule_id varchar, "date" date, opens varchar, closes varchar, is_test boolean
);
create table warehouse.intermediate.int_ticket_moments (source varchar, schedule_id varchar, instant timestamp);
"""
DAY = 24 * 60
ALWAYS = (date(1990, 1, 1), None)


class Hours(NamedTuple):
    """A row of a schedule, in minutes after local midnight."""

    weekday: int
    opens: int
    closes: int
    valid: tuple[date, date | None]


class Calendar(NamedTuple):
    """A schedule and its holidays: day -> opening and closing minute, None for a day off."""

    zone: str
    hours: tuple[Hours, ...]
    holidays: dict[date, tuple[int, int] | None]


Clock = Callable[[Calendar, list[datetime]], list[int]]

# Clocks that change at night, at midnight, by half an hour, on the other hemisphere, and never.
zones = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "America/Asuncion", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Shanghai"]
)
# Begins of spans of five days in which one of these clocks changes, or none.
begins = st.sampled_from([date(2025, 3, 7), date(2025, 3, 28), date(2025, 4, 4), date(2025, 10, 3), date(2025, 10, 24)])
spans = st.one_of(
    st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).map(lambda pair: (pair[0], min(DAY, sum(pair)))),
    st.sampled_from([(0, DAY), (0, 60), (120, 180), (150, 300), (60, 240), (23 * 60, DAY)]),
)


@st.composite
def calendars(draw: st.DrawFn, begin: date) -> Calendar:
    """Draw a schedule that may change, overlap itself and have gaps within the five days, and its holidays."""
    near = st.integers(-1, 6).map(lambda n: begin + timedelta(days=n))
    valid = st.one_of(
        st.just(ALWAYS),
        near.map(lambda day: (day, None)),
        near.map(lambda day: (date(1990, 1, 1), day)),
        st.tuples(near, st.integers(1, 4)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1]))),
    )
    hours = st.tuples(st.integers(1, 7), spans, valid).map(lambda row: Hours(row[0], *row[1], row[2]))
    return Calendar(
        draw(zones),
        tuple(draw(st.lists(hours, min_size=1, max_size=12, unique_by=lambda row: (*row[:2], row.valid[0])))),
        draw(st.dictionaries(near, st.one_of(st.none(), spans), max_size=3)),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, list[datetime]]:
    """Draw a calendar and three instants in order, on full minutes of five days."""
    begin = draw(begins)
    minutes = draw(st.lists(st.integers(0, 5 * DAY), min_size=3, max_size=3))
    instants = [datetime(begin.year, begin.month, begin.day) + timedelta(minutes=n) for n in sorted(minutes)]
    return draw(calendars(begin)), instants


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clock]:
    """The models, ready to be asked: a calendar and instants -> the seconds it had been open by each."""
    sql = compiled(tmp_path_factory.mktemp("compiled"))
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(TABLES)

        def readings(calendar: Calendar, instants: list[datetime]) -> list[int]:
            fill(connection, calendar, instants)
            for model in MODELS:
                connection.execute(f"create or replace table warehouse.intermediate.{model} as {sql[model]}")
            found = dict(
                connection.execute(
                    "select instant, open_seconds from warehouse.intermediate.int_business_clock"
                ).fetchall()
            )
            return [found[instant] for instant in instants]

        yield readings


def fill(connection: duckdb.DuckDBPyConnection, calendar: Calendar, instants: list[datetime]) -> None:
    schema = "warehouse.intermediate"
    emptied = [f"{schema}.int_{name}" for name in ("business_schedule", "holiday", "ticket_moments")]
    for table in ("warehouse.core.dim_date", *emptied):
        connection.execute(f"truncate {table}")
    connection.executemany(
        f"insert into {schema}.int_business_schedule values ('desk', 's', ?, ?, ?, ?, ?, ?, false)",
        [(h.weekday, written(h.opens), written(h.closes), calendar.zone, *h.valid) for h in calendar.hours],
    )
    if calendar.holidays:
        connection.executemany(
            f"insert into {schema}.int_holiday values ('desk', 's', ?, ?, ?, false)",
            [(day, *(map(written, span) if span else (None, None))) for day, span in calendar.holidays.items()],
        )
    connection.executemany(
        f"insert into {schema}.int_ticket_moments values ('desk', 's', ?)", [(i,) for i in sorted(set(instants))]
    )
    connection.execute(
        "insert into warehouse.core.dim_date select cast(unnest(generate_series("
        f"(select min(instant) from {schema}.int_ticket_moments), "
        f"(select max(instant) from {schema}.int_ticket_moments) + interval 1 day, interval 1 day)) as date)"
    )


def written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def compiled(folder: Path) -> dict[str, str]:
    """Return the SQL that dbt makes of the models."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    options = [
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(folder), "--log-path", str(folder), "--vars", json.dumps({"time_zone": "UTC"})),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAPPORT_DATABASE", str(folder / "warehouse.duckdb"))
        patch.setenv("DO_NOT_TRACK", "1")
        try:
            arguments = ["compile", "--select", *MODELS, "--indirect-selection", "empty", *options]
            outcome = dbtRunner().invoke(["--quiet", "--log-level", "none", *arguments])
        finally:
            DuckDBConnectionManager.close_all_connections()
    assert outcome.success, outcome.exception
    return {result.node.name: result.node.compiled_code for result in outcome.result.results}


def open_minutes(calendar: Calendar, first: datetime, last: datetime) -> int:
    """Count, minute by minute on the local clock, those in which the schedule is open."""
    zone, found, moment = ZoneInfo(calendar.zone), 0, first
    while moment < last:
        shown = moment.replace(tzinfo=UTC).astimezone(zone)
        minute = shown.hour * 60 + shown.minute
        found += any(opens <= minute < closes for opens, closes in hours_of(calendar, shown.date()))
        moment += timedelta(minutes=1)
    return found


def hours_of(calendar: Calendar, day: date) -> list[tuple[int, int]]:
    rows = [h for h in calendar.hours if h.valid[0] <= day and (h.valid[1] is None or day < h.valid[1])]
    if day in calendar.holidays:
        span = calendar.holidays[day]
        return [span] if span and rows else []
    return [(h.opens, h.closes) for h in rows if h.weekday == day.isoweekday()]


def is_odd(zone: str, day: date, minutes: int) -> bool:
    """Whether the clocks of `zone` do not show this time of `day`, or show it twice."""
    shown = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    offsets = {shown.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1)}
    return len(offsets) > 1


@EXAMPLES
@given(cases())
def test_business_time_is_what_a_clock_counts_minute_by_minute(clock: Clock, case: tuple):
    calendar, (first, _, last) = case
    days = [first.date() + timedelta(days=n) for n in range(-1, (last.date() - first.date()).days + 2)]
    edges = [(day, minutes) for day in days for span in hours_of(calendar, day) for minutes in span]
    # what begins or ends in such an hour has worked examples of its own
    assume(not any(is_odd(calendar.zone, day, minutes) for day, minutes in edges))
    opened, closed = clock(calendar, [first, last])
    assert closed - opened == 60 * open_minutes(calendar, first, last)


@EXAMPLES
@given(cases())
def test_business_time_adds_up_is_never_negative_and_never_more_than_the_calendar(clock: Clock, case: tuple):
    calendar, (a, b, c) = case
    at_a, at_b, at_c = clock(calendar, [a, b, c])
    assert at_c - at_a == (at_c - at_b) + (at_b - at_a)
    for earlier, later, opened in ((a, b, at_b - at_a), (b, c, at_c - at_b), (a, c, at_c - at_a)):
        assert 0 <= opened <= (later - earlier).total_seconds()


@EXAMPLES
@given(cases())
def test_the_time_to_a_later_instant_does_not_change_what_was_counted_before(clock: Clock, case: tuple):
    calendar, (a, b, c) = case
    at_a, at_b = clock(calendar, [a, b])
    long_a, long_b, _ = clock(calendar, [a, b, c + timedelta(days=40)])
    assert at_b - at_a == long_b - long_a


@EXAMPLES
@given(cases())
def test_a_schedule_that_is_always_open_counts_the_calendar(clock: Clock, case: tuple):
    calendar, instants = case
    always = Calendar(calendar.zone, tuple(Hours(day, 0, DAY, ALWAYS) for day in range(1, 8)), {})
    a, b, c = clock(always, instants)
    assert (b - a, c - b) == tuple((later - earlier).total_seconds() for earlier, later in pairwise(instants))
