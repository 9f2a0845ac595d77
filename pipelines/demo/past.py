"""The demo company as its sources held it at an earlier instant: for replaying its history."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, datetime
from typing import TypeVar

from pipelines.demo.calendar import BERLIN, local_day
from pipelines.demo.model import CampaignMember, Company, SurveyResponse
from pipelines.demo.past_deals import deals_at
from pipelines.demo.past_office import decision_at, publication_at, task_at
from pipelines.demo.past_rows import before, lead_at, order_at, ticket_at

Row = TypeVar("Row")


def company_at(company: Company, instant: datetime) -> Company:
    """Return the company with the rows that existed at `instant` (aware), each with what was known of it then.

    What is dated by the day is known from the begin of that day. Users, teams, products, stages, targets, campaigns,
    the rules of service and the plans of projects are as they are now. An account that did not exist yet is not named.
    Raises ValueError when `instant` is naive.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} names no moment: it has no time zone.")
    day = local_day(instant)
    accounts = _until(company.accounts, "created_at", instant)
    contacts = _until(company.contacts, "created_at", instant)
    orders = tuple(order_at(order, instant) for order in _until(company.orders, "ordered_at", instant))
    lines = _children(company.order_lines, "order_id", orders)
    leads = tuple(lead_at(lead, instant) for lead in _until(company.leads, "created_at", instant))
    deals, log = deals_at(company, instant)
    started = {c.campaign_id for c in company.campaigns if c.starts_on <= day}
    then = replace(
        company,
        exchange_rates=_until(company.exchange_rates, "valid_from", day),
        accounts=accounts,
        contacts=contacts,
        orders=orders,
        order_lines=lines,
        return_lines=_until(company.return_lines, "returned_at", instant),
        invoices=_until(company.invoices, "issued_on", day),
        payments=_until(company.payments, "paid_at", instant),
        subscriptions=_undone(_until(company.subscriptions, "starts_on", day), day, "cancelled_on"),
        leads=leads,
        opportunities=deals,
        opportunity_stage_changes=log,
        activities=_undone(_until(company.activities, "occurred_at", instant), instant, "opened_at", "replied_at"),
        campaign_members=tuple(_members(company.campaign_members, instant, started)),
        campaign_costs=_until(company.campaign_costs, "spent_on", day),
        touchpoints=_until(company.touchpoints, "occurred_at", instant),
        tickets=tuple(ticket_at(ticket, instant) for ticket in _until(company.tickets, "created_at", instant)),
        survey_responses=tuple(_surveys(company.survey_responses, instant)),
        ticket_events=_until(company.ticket_events, "occurred_at", instant),
        service_costs=_until(company.service_costs, "period_start", day),
        costs=_until(company.costs, "incurred_on", day),
        project_tasks=tuple(task_at(task, day) for task in company.project_tasks),
        report_publications=tuple(
            publication_at(one, day) for one in _until(company.report_publications, "published_on", day)
        ),
        report_decisions=tuple(decision_at(one, day) for one in _until(company.report_decisions, "decided_on", day)),
        market_sizes=_until(company.market_sizes, "published_on", day),
        competitor_observations=_until(company.competitor_observations, "observed_on", day),
    )
    return _without_strangers(then)


def _until(rows: Iterable[Row], column: str, limit: date) -> tuple[Row, ...]:
    """Return the rows whose `column` is not after `limit`."""
    return tuple(row for row in rows if getattr(row, column) <= limit)


def _undone(rows: Iterable[Row], limit: date, *columns: str) -> tuple[Row, ...]:
    """Return the rows without what happened after `limit`."""
    return tuple(before(row, limit, *columns) for row in rows)


def _children(rows: Iterable[Row], column: str, parents: Iterable) -> tuple[Row, ...]:
    known = {getattr(parent, column) for parent in parents}
    return tuple(row for row in rows if getattr(row, column) in known)


def _members(rows: Iterable[CampaignMember], instant: datetime, started: set[str]) -> Iterable[CampaignMember]:
    """Yield those who were invited by then, and the hold-outs of the campaigns that had begun."""
    moments = [field.name for field in fields(CampaignMember) if field.name.endswith("_at")]
    for member in rows:
        if member.campaign_id in started if member.is_holdout else member.invited_at <= instant:
            yield before(member, instant, *moments)


def _surveys(rows: Iterable[SurveyResponse], instant: datetime) -> Iterable[SurveyResponse]:
    """Yield the surveys that had been sent; their times are those of the clocks of Berlin."""
    clock = instant.astimezone(BERLIN).replace(tzinfo=None)
    for survey in rows:
        if survey.sent_at <= clock:
            answered = survey.responded_at is not None and survey.responded_at <= clock
            yield survey if answered else replace(survey, score=None, responded_at=None, comment=None)


def _without_strangers(company: Company) -> Company:
    """Return the company without what refers to rows that did not exist yet.

    Where a row is about the missing one, it was not there either; otherwise it just did not name it yet.
    """
    known = {
        "account_id": {a.account_id for a in company.accounts},
        "contact_id": {c.contact_id for c in company.contacts},
        "invoice_id": {i.invoice_id for i in company.invoices},
    }

    def named(rows: Iterable[Row], *columns: str) -> tuple[Row, ...]:
        return tuple(
            replace(row, **{c: None for c in columns if getattr(row, c) not in known[c] and getattr(row, c)})
            for row in rows
        )

    def of_somebody(rows: Iterable[Row]) -> tuple[Row, ...]:
        leads = {lead.lead_id for lead in company.leads} | {None}
        accounts = known["account_id"] | {None}
        return tuple(row for row in rows if row.account_id in accounts and row.lead_id in leads)

    return replace(
        company,
        leads=named(company.leads, "account_id"),
        opportunities=named(company.opportunities, "account_id"),
        activities=named(company.activities, "account_id", "contact_id"),
        tickets=named(company.tickets, "account_id", "contact_id"),
        payments=named(company.payments, "invoice_id"),
        projects=named(company.projects, "account_id"),
        costs=named(company.costs, "account_id"),
        campaign_members=of_somebody(company.campaign_members),
        touchpoints=of_somebody(company.touchpoints),
    )
