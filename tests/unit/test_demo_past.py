"""The demo company as it was: what had happened by then, and nothing else."""

import csv
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from pipelines.demo.calendar import AS_OF, BERLIN, local_day
from pipelines.demo.company import build_company
from pipelines.demo.model import ENTITIES, Company, key_of, rows_of
from pipelines.demo.past import company_at
from pipelines.demo.write import FILES, generate

INSTANTS = (
    datetime(2022, 12, 15, tzinfo=UTC),
    datetime(2023, 9, 30, 23, 30, tzinfo=BERLIN),
    datetime(2024, 7, 1, 9, 0, tzinfo=BERLIN),
    datetime(2025, 11, 17, 12, 0, tzinfo=UTC),
)
REFERENCE = (
    *("user", "team", "product", "stage", "target", "campaign", "project", "project_task"),
    *("sla_policy", "business_schedule", "holiday"),
)
# Promises, plans and terms lie ahead.
AHEAD = {"promised_at", "expected_close_on", "due_on", "ends_on"}


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(7, 0.2)


@pytest.fixture(scope="module")
def history(company: Company) -> list[tuple[datetime, Company]]:
    return [(instant, company_at(company, instant)) for instant in INSTANTS]


def happenings(company: Company):
    """Yield (entity, column, value) of every date and instant of something that happened."""
    for entity in ENTITIES.keys() - set(REFERENCE):
        for row in rows_of(company, entity):
            for field in fields(row):
                value = getattr(row, field.name)
                if isinstance(value, date) and field.name not in AHEAD:
                    yield entity, field.name, value


def test_nothing_is_later_than_the_instant(history):
    for instant, then in history:
        day, clock = local_day(instant), instant.astimezone(BERLIN).replace(tzinfo=None)
        for entity, column, value in happenings(then):
            if not isinstance(value, datetime):
                assert value <= day, (entity, column)
            else:
                assert value <= (instant if value.tzinfo else clock), (entity, column)


def test_in_the_end_everything_has_happened(company):
    assert company_at(company, AS_OF) == company


def test_time_only_adds_rows(history, company):
    history = [*history, (AS_OF, company)]
    for entity in ENTITIES:
        keys = [{key_of(row) for row in rows_of(then, entity)} for _, then in history]
        for earlier, later in pairwise(keys):
            assert earlier <= later, entity
        if entity not in REFERENCE:
            assert len(keys[1]) < len(keys[-1]), entity


def test_every_row_names_only_what_existed(history):
    parents = {"account_id": "account", "order_id": "order", "lead_id": "lead", "order_line_id": "order_line"}
    parents |= {"contact_id": "contact", "opportunity_id": "opportunity", "invoice_id": "invoice"}
    for _, then in history:
        known = {column: {key_of(row) for row in rows_of(then, parent)} | {None} for column, parent in parents.items()}
        for entity in ENTITIES:
            for row in rows_of(then, entity):
                for column in known:
                    assert getattr(row, column, None) in known[column], (entity, column)


def one(rows, column: str, value: object):
    return next((row for row in rows if getattr(row, column) == value), None)


def test_an_order_is_confirmed_before_it_is_shipped_and_shipped_before_it_is_delivered(company):
    order = one(company.orders, "status", "delivered")
    minute = timedelta(minutes=1)
    seen = []
    for moment in (order.ordered_at, order.shipped_at, order.delivered_at):
        seen.append(one(company_at(company, moment - minute).orders, "order_id", order.order_id))
    seen.append(one(company_at(company, order.delivered_at).orders, "order_id", order.order_id))
    assert [o and o.status for o in seen] == [None, "confirmed", "shipped", "delivered"]
    assert [o and o.source_status for o in seen] == [None, "Bestätigt", "Versandt", "Zugestellt"]
    assert seen[1].shipped_at is seen[1].delivered_at is seen[2].delivered_at is None
    assert seen[1].source_updated_at < seen[2].source_updated_at < seen[3].source_updated_at
    assert seen[3] == order
    cancelled = one(company.orders, "status", "cancelled")
    then = company_at(company, cancelled.ordered_at + timedelta(hours=2))
    assert one(then.orders, "order_id", cancelled.order_id) == cancelled


def test_a_deal_is_what_its_log_said_then(company):
    log: dict[str, list] = {}
    for change in company.opportunity_stage_changes:
        log.setdefault(change.opportunity_id, []).append(change)
    deal_id, lost = next(
        (deal_id, next(c for c in changes if c.to_stage == "lost"))
        for deal_id, changes in log.items()
        if "lost" in [c.to_stage for c in changes[:-1]]
    )
    again = log[deal_id][log[deal_id].index(lost) + 1]
    then = one(company_at(company, again.changed_at - timedelta(seconds=1)).opportunities, "opportunity_id", deal_id)
    assert (then.stage, then.outcome, then.closed_at) == ("lost", "lost", lost.changed_at)
    assert (then.amount, then.expected_close_on) == (lost.amount, lost.expected_close_on)
    then = one(company_at(company, again.changed_at).opportunities, "opportunity_id", deal_id)
    assert (then.stage, then.outcome, then.closed_at) == (again.to_stage, "open", None)


def test_a_deal_without_a_log_is_in_the_first_stage_until_it_is_closed(company):
    logged = {change.opportunity_id for change in company.opportunity_stage_changes}
    deal = next(d for d in company.opportunities if d.closed_at and d.opportunity_id not in logged)
    then = company_at(company, deal.closed_at - timedelta(seconds=1))
    then = one(then.opportunities, "opportunity_id", deal.opportunity_id)
    assert (then.stage, then.outcome, then.closed_at, then.lost_reason) == ("qualification", "open", None, None)
    assert then.probability < 1
    assert (then.amount, then.expected_close_on) == (deal.amount, deal.expected_close_on)


def test_what_a_ticket_a_lead_and_a_contract_become_is_not_known_before(company):
    second = timedelta(seconds=1)
    ticket = one(company.tickets, "status", "closed")
    moments = (ticket.first_replied_at, ticket.solved_at, ticket.closed_at)
    found = [one(company_at(company, m - second).tickets, "ticket_id", ticket.ticket_id) for m in moments]
    assert [t.status for t in found] == ["new", "open", "solved"]
    assert [t.assignee_user_id for t in found] == [None, ticket.assignee_user_id, ticket.assignee_user_id]
    assert found[1].resolution is None
    lead = next(lead for lead in company.leads if lead.status == "converted" and lead.first_response_at)
    moments = (lead.first_response_at, lead.qualified_at, lead.converted_at)
    found = [one(company_at(company, m - second).leads, "lead_id", lead.lead_id) for m in moments]
    assert [x.status for x in found] == ["new", "working", "qualified"]
    assert found[2].account_id is None
    contract = one(company.subscriptions, "cancel_reason", "price")
    before = datetime(*contract.cancelled_on.timetuple()[:3], tzinfo=BERLIN) - second
    then = one(company_at(company, before).subscriptions, "subscription_id", contract.subscription_id)
    assert (then.cancelled_on, then.cancel_reason, then.ends_on) == (None, None, contract.ends_on)


def test_the_files_of_a_past_instant_have_no_mistakes_and_no_answers(tmp_path: Path):
    instant = datetime(2024, 3, 31, 23, 0, tzinfo=UTC)
    generate(tmp_path, scale=0.05)
    generate(tmp_path, scale=0.05, at=instant)
    assert not (tmp_path / "known_answers.json").exists()
    then = company_at(build_company(7, 0.05), instant)
    for entity in ("order", "order_line", "return_line", "ticket"):
        with (tmp_path / "source" / FILES[entity]).open(encoding="utf-8", newline="") as file:
            keys = [row[0] for row in csv.reader(file)][1:]
        assert keys == [key_of(row) for row in rows_of(then, entity)]
        assert keys


def test_an_instant_without_a_time_zone_is_refused(company):
    with pytest.raises(ValueError, match="it has no time zone"):
        company_at(company, datetime(2024, 3, 31))


def test_nothing_is_booked_on_a_task_before_it_was(history):
    booked = []
    for instant, then in history:
        for task in then.project_tasks:
            done = (task.booked_hours, task.actual_cost, task.percent_complete or None)
            assert task.booked_on is None or task.booked_on <= local_day(instant)
            assert task.booked_on or not any(done), task
        booked.append(sum(task.booked_on is not None for task in then.project_tasks))
    assert booked[0] == 0
    assert booked == sorted(booked)
    assert booked[-1] > booked[1] > 0
