"""The sample of Zendesk, against the figures of the connector's vendor and against the files themselves."""

from collections import Counter
from datetime import datetime

import duckdb
import pytest

from tests.support import ask, needs_samples, sample_rows

pytestmark = [needs_samples, pytest.mark.xdist_group("samples")]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def warehouse(home, sql: str) -> list[tuple]:
    with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_tickets_by_status_without_the_deleted_ones(samples_home):
    raw = Counter(row["status"] for row in sample_rows("zendesk", "ticket_data.csv"))
    assert raw == {"closed": 7, "solved": 1, "deleted": 2}
    found = ask(samples_home, "select status, count(*) from core.fct_tickets where source = 'zendesk' group by 1")
    assert dict(found) == {"closed": 7, "solved": 1}


def test_the_vendors_ticket_was_resolved_after_111895_minutes(samples_home):
    (expected,) = sample_rows("zendesk", "expected/zendesk__ticket_metrics.csv")
    ((created, solved, status, priority),) = ask(
        samples_home,
        "select created_at, solved_at, status, priority from core.fct_tickets "
        "where source = 'zendesk' and ticket_id = '11071'",
    )
    assert (status, priority) == (expected["status"], expected["priority"]) == ("closed", "urgent")
    assert solved == instant(expected["first_solved_at"]) == datetime(2020, 11, 14, 11, 1, 27)
    # 27 seconds against 36: the vendor counts the minutes that began, we the time that passed
    assert (solved - created).total_seconds() / 60 == 111894.85
    assert int(expected["first_resolution_calendar_minutes"]) == 111895
    begun = solved.replace(second=0) - created.replace(second=0)
    assert begun.total_seconds() / 60 == 111895


def test_times_in_each_status_are_the_vendors(samples_home):
    (expected,) = sample_rows("zendesk", "expected/zendesk__ticket_metrics.csv")
    spans = warehouse(
        samples_home,
        "select to_value, sum(minutes) from (select to_value, date_diff('minute', occurred_at, lead(occurred_at) "
        "over (order by occurred_at)) as minutes from intermediate.int_ticket_event "
        "where source = 'zendesk' and ticket_id = '11071' and kind = 'status') where to_value <> 'closed' group by 1",
    )
    minutes = dict(spans)
    assert minutes["pending"] == float(expected["agent_wait_time_in_calendar_minutes"]) == 40320
    assert minutes["open"] == float(expected["open_status_duration_in_calendar_minutes"]) == 43200
    # the history says on-hold for 3, 14 and 3 days, which the vendor does not know for hold
    assert minutes["on_hold"] == 20 * 24 * 60
    assert float(expected["on_hold_time_in_calendar_minutes"]) == 0
    assert minutes["solved"] == 24 * 60


def told(file: str) -> tuple[int, int, int]:
    """How many rows of a file are about a ticket of the sample, none deleted, and how many about one that it lacks."""
    tickets = {row["id"] for row in sample_rows("zendesk", "ticket_data.csv")}
    known = sum(row["ticket_id"] in tickets for row in sample_rows("zendesk", file))
    return known, 0, len(sample_rows("zendesk", file)) - known


def test_every_row_is_accounted_for(samples_home):
    ledger = ask(
        samples_home,
        'select "table", "read", conformed, deleted, quarantined, difference from audit.row_ledger '
        "where source = 'zendesk'",
    )
    assert {table: row for table, *row in ledger} == {
        "organization": [10, 10, 0, 0, 0],
        "user": [10, 10, 0, 0, 0],
        "group": [8, 8, 0, 0, 0],
        "ticket": [10, 8, 2, 0, 0],
        "ticket_field_history": [38, *told("ticket_field_history_data.csv"), 0],
        "ticket_comment": [20, *told("ticket_comment_data.csv"), 0],
        "ticket_tag": [10, 10, 0, 0, 0],
        "audit_log": [10, 10, 0, 0, 0],
        "schedule": [5, 5, 0, 0, 0],
        "schedule_holiday": [2, 2, 0, 0, 0],
    }


def test_business_hours_are_in_the_time_zone_of_the_schedule(samples_home):
    hours = warehouse(
        samples_home,
        "select weekday, opens, closes, time_zone from intermediate.int_business_schedule "
        "where source = 'zendesk' order by 1",
    )
    assert hours == [(day, "08:00", "20:00", "America/Los_Angeles") for day in range(1, 6)]
    days = warehouse(samples_home, "select date from intermediate.int_holiday where source = 'zendesk' order by 1")
    assert [str(day) for (day,) in days] == ["2022-12-26", "2022-12-27", "2022-12-29"]
