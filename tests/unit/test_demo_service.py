"""The demo's service: its log leads to its tickets, and its opening hours to what a clock on the wall counts."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from pipelines.demo.company import build_company
from pipelines.demo.model import BusinessSchedule, Holiday
from pipelines.demo.opening_hours import OpeningHours
from pipelines.demo.service_rules import make_holidays, make_policies, make_schedules, make_service_costs

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def company():
    return build_company(7, 0.3)


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN).astimezone(UTC)


def support() -> OpeningHours:
    return OpeningHours(SimpleNamespace(business_schedules=make_schedules(), holidays=make_holidays()))


# Until July 2024 support is open 09:00 to 12:30 and 13:00 to 17:00, from then on 08:00 to 18:00 (on Fridays 09:00 to
# 15:00, on Saturdays 10:00 to 14:00). 1 July 2024 is a Monday, 24 December 2024 a Tuesday that ends at noon.
@pytest.mark.parametrize(
    ("first", "last", "minutes"),
    [
        ((2024, 6, 27, 16, 0), (2024, 6, 28, 9, 30), 90),
        ((2024, 6, 28, 12, 0), (2024, 6, 28, 14, 0), 90),
        ((2024, 6, 28, 16, 30), (2024, 7, 1, 9, 0), 90),
        ((2024, 7, 5, 14, 0), (2024, 7, 8, 8, 30), 60 + 240 + 30),
        ((2024, 12, 23, 17, 0), (2024, 12, 27, 10, 0), 60 + 180 + 60),
        ((2024, 3, 29, 16, 0), (2024, 4, 1, 10, 0), 120),
    ],
    ids=["overnight", "lunch", "changed hours", "Friday and Saturday", "half day and holidays", "clocks change"],
)
def test_support_is_open_as_its_door_says(first: tuple, last: tuple, minutes: int):
    assert support().seconds("support", berlin(*first), berlin(*last)) == 60 * minutes


def test_the_hotline_never_closes_not_even_when_clocks_change():
    start, end = berlin(2024, 3, 30, 12), berlin(2024, 11, 1, 12)
    assert support().seconds("hotline", start, end) == (end - start).total_seconds()


def test_the_time_after_so_many_open_seconds_is_found_again():
    start = berlin(2024, 12, 23, 17, 30)
    due = support().instant_after("support", start, 4 * 3600)
    assert due == berlin(2024, 12, 27, 9, 30)
    assert support().seconds("support", start, due) == 4 * 3600


def test_hours_that_overlap_are_open_once():
    rows = tuple(
        BusinessSchedule("s", 1, o, c, "UTC", date(2020, 1, 1)) for o, c in (("09:00", "12:00"), ("11:00", "13:00"))
    )
    off = (Holiday("s", date(2024, 1, 8), None, None, "off"),)
    hours = OpeningHours(SimpleNamespace(business_schedules=rows, holidays=off))
    monday = datetime(2024, 1, 1, tzinfo=UTC)
    assert hours.seconds("s", monday, monday + timedelta(days=14)) == 4 * 3600


def test_the_log_leads_to_what_each_ticket_is(company):
    logs = defaultdict(list)
    for event in company.ticket_events:
        logs[event.ticket_id].append(event)
    for ticket in company.tickets:
        log = logs.get(ticket.ticket_id)
        if log is None:
            continue
        assert [e.occurred_at for e in log] == sorted(e.occurred_at for e in log)
        assert log[0].occurred_at == ticket.created_at
        answers = [
            e.occurred_at
            for e in log
            if e.kind == "public_reply" and e.actor == "agent" and e.occurred_at > ticket.created_at
        ]
        assert (answers[0] if answers else None) == ticket.first_replied_at
        ends = {kind: [e.to_value for e in log if e.kind == kind] for kind in ("status", "assignee", "priority")}
        assert ends["status"][-1:] in ([], [ticket.status])
        assert ends["assignee"][-1:] == ([ticket.assignee_user_id] if ticket.assignee_user_id else [])
        assert ends["priority"][-1:] in ([], [ticket.priority])
        solved = [e.occurred_at for e in log if e.kind == "merge" or e.to_value == "solved"]
        assert (solved[-1] if solved else None) == ticket.solved_at


def test_the_log_has_the_cases_that_are_easily_wrong(company):
    events = company.ticket_events
    logged = {e.ticket_id for e in events}
    assert {t.ticket_id for t in company.tickets} - logged
    assert {e.kind for e in events} == {"status", "priority", "assignee", "public_reply", "private_note", "merge"}
    assert any(e.kind == "public_reply" and e.actor == "system" for e in events)
    assert any(e.from_value == "solved" and e.to_value == "open" for e in events)
    assert any(e.to_value == "pending" for e in events)
    created = {t.ticket_id: t.created_at for t in company.tickets}
    assert any(e.actor == "agent" and e.occurred_at == created[e.ticket_id] for e in events)
    assert any(e.kind == "assignee" and e.from_value for e in events)
    assert any(s.ticket_id and s.score is not None for s in company.survey_responses)


def test_every_priority_is_promised_a_reply_and_a_resolution_at_any_time():
    for priority in ("low", "normal", "high", "urgent"):
        for metric in ("first_reply", "resolution"):
            found = [p for p in make_policies() if (p.priority, p.metric) == (priority, metric)]
            spans = sorted((p.valid_from or datetime.min.replace(tzinfo=UTC), p.valid_to) for p in found)
            assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
            assert spans[-1][1] is None


def test_costs_are_of_every_category_and_some_name_no_team():
    costs = make_service_costs()
    assert {c.category for c in costs} == {"salary", "training", "equipment", "other"}
    assert any(c.team_id is None and c.user_id is None for c in costs)
    assert {c.period_grain for c in costs} == {"month", "quarter", "year"}
    assert {c.currency for c in costs} == {"EUR", "USD"}
