"""Three published logs against the totals that are known of them, and against the files themselves."""

from datetime import datetime, timedelta
from statistics import median

import duckdb
import pytest

from tests.support import ask, needs_samples, sample_rows

pytestmark = [needs_samples, pytest.mark.xdist_group("samples")]


def test_cases_of_the_help_desk(samples_home):
    found = ask(samples_home, "select status, count(*) from core.fct_tickets where source = 'helpdesk_log' group by 1")
    statuses = dict(found)
    assert sum(statuses.values()) == 4580
    assert statuses["closed"] == 4559


def test_a_case_of_the_help_desk_lasts_40_days(samples_home):
    with duckdb.connect(str(samples_home / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select ticket_id, date_diff('second', min(occurred_at), max(occurred_at)) "
            "from intermediate.int_ticket_event where source = 'helpdesk_log' group by 1"
        ).fetchall()
    assert len(found) == 4580
    assert round(sum(seconds for _, seconds in found) / len(found) / 86400, 4) == 40.8584
    cases: dict[str, list[datetime]] = {}
    for row in sample_rows("helpdesk_log", "Helpdesk.csv.gz"):
        cases.setdefault(row["case"], []).append(datetime.strptime(row["startTime"], "%Y/%m/%d %H:%M:%S.%f"))
    assert dict(found) == {case: (max(times) - min(times)).total_seconds() for case, times in cases.items()}


def test_when_a_case_of_the_help_desk_was_closed(samples_home):
    expected: dict[str, datetime] = {}
    for row in sample_rows("helpdesk_log", "Helpdesk.csv.gz"):
        if row["event"] == "Closed":
            at = datetime.strptime(row["startTime"], "%Y/%m/%d %H:%M:%S.%f")
            expected[row["case"]] = max(at, expected.get(row["case"], at))
    found = ask(
        samples_home,
        "select ticket_id, closed_at from core.fct_tickets where source = 'helpdesk_log' and closed_at is not null",
    )
    assert dict(found) == expected


def test_requests_of_san_francisco(samples_home):
    raw = sample_rows("sf311", "311_service_requests.csv.gz")
    found = ask(
        samples_home,
        "select status, channel, count(*) from core.fct_tickets where source = 'sf311' group by 1, 2",
    )
    assert sum(count for status, _, count in found if status == "closed") == 9630
    assert sum(count for *_, count in found) == len(raw) == 10000
    assert sum(count for _, channel, count in found if channel == "Phone") == 4865
    spent = ask(
        samples_home,
        "select date_diff('second', created_at, closed_at) from core.fct_tickets "
        "where source = 'sf311' and closed_at is not null",
    )
    hours = median(seconds for (seconds,) in spent) / 3600
    expected = [
        (datetime.fromisoformat(row["closed_date"]) - datetime.fromisoformat(row["created_date"])) / timedelta(hours=1)
        for row in raw
        if row["closed_date"]
    ]
    assert round(hours, 4) == round(median(expected), 4) == 135.0457
    assert sum(seconds < 0 for (seconds,) in spent) == sum(value < 0 for value in expected) == 17


def test_clients_whom_the_bank_called(samples_home):
    raw = sample_rows("bank_marketing", "bank-additional-full.csv.gz", delimiter=";")
    ((members, responded),) = ask(
        samples_home,
        "select count(*), count(responded_at) from core.fct_campaign_members where source = 'bank_marketing'",
    )
    assert (members, responded) == (len(raw), sum(row["y"] == "yes" for row in raw)) == (41188, 4640)
    ((calls, seconds, first, last),) = ask(
        samples_home,
        "select count(*), sum(duration_seconds), min(occurred_on), max(occurred_on) from core.fct_activities "
        "where source = 'bank_marketing' and kind = 'call'",
    )
    assert (calls, seconds) == (41188, sum(int(row["duration"]) for row in raw)) == (41188, 10638243)
    # the file names no years: it is known that the calls were made from May 2008 to November 2010
    assert (str(first), str(last)) == ("2008-05-01", "2010-11-01")


def test_every_row_is_accounted_for(samples_home):
    ledger = ask(
        samples_home,
        'select source, "read", conformed, quarantined, difference from audit.row_ledger '
        "where source in ('helpdesk_log', 'sf311', 'bank_marketing')",
    )
    assert {source: row for source, *row in ledger} == {
        "helpdesk_log": [21348, 21348, 0, 0],
        "sf311": [10000, 10000, 0, 0],
        "bank_marketing": [41188, 41188, 0, 0],
    }
