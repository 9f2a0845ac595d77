"""The known answers about single customers: what is known of each, and the way of the most valuable ones."""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from pipelines.demo.answers_classes import NONE, Classes, Standing, attributes, written
from pipelines.demo.answers_folding import shown
from pipelines.demo.answers_loyalty import group_of
from pipelines.demo.calendar import LAST_DAY
from pipelines.demo.customer_events import CustomerEvents
from pipelines.demo.deal_history import OPEN, Deal, Moment
from pipelines.demo.files import text
from pipelines.demo.kept import state_of
from pipelines.demo.totals import UNKNOWN

_DONE = ("solved", "closed")
_SATISFIED = 4
_NOBODY = Standing(None, 0, Decimal(0), None, NONE, NONE)


def customer_profiles(events: CustomerEvents, classes: Classes) -> dict[str, dict]:
    """Return customer -> what is known of it at the end of the demo; a prospect has no known profit."""
    return {c: _described(events, c) | _worth(events, classes, c) | _contacts(events, c) for c in events.customers()}


def _described(events: CustomerEvents, customer: str) -> dict[str, str]:
    account = events.speaker[customer]
    return {
        "account_type": account.account_type,
        "country": account.country,
        "province": account.province,
        "tags": shown(events, customer, attributes(account, LAST_DAY))["tag"],
        "acquisition_channel": account.acquisition_channel,
        "acquisition_campaign": account.campaign_id or UNKNOWN,
    }


def _worth(events: CustomerEvents, classes: Classes, customer: str) -> dict[str, int | str | None]:
    sales, population = events.sales.get(customer, []), events.population
    standing = classes.at(customer, LAST_DAY)
    state = state_of([sale.day for sale in sales], population.contracts.get(customer, []), LAST_DAY)
    revenue = sum((sale.revenue for sale in sales), Decimal(0))
    profit = revenue - sum((sale.cost for sale in sales), Decimal(0))
    return {
        "state": state or "prospect",
        "first_purchase_on": sales[0].day.isoformat() if sales else None,
        "last_purchase_on": sales[-1].day.isoformat() if sales else None,
        "class": written(standing or _NOBODY),
        "lifetime_orders": len(sales),
        "lifetime_revenue": f"{revenue:.2f}",
        "lifetime_gross_profit": f"{profit:.2f}" if sales else None,
    }


def _contacts(events: CustomerEvents, customer: str) -> dict[str, int | str | None]:
    deals = [deal.moments[-1] for deal in events.deals.get(customer, []) if deal.row.outcome == OPEN]
    answers = events.answers.get(customer, [])
    csat = [a.score for a in answers if a.survey_kind == "csat"]
    nps = [a.score for a in answers if a.survey_kind == "nps"]
    activities = events.activities.get(customer, [])
    return {
        "open_opportunities": len(deals),
        "open_amount": f"{sum((deal.value for deal in deals), Decimal(0)):.2f}",
        "open_tickets": sum(ticket.status not in _DONE for ticket in events.tickets.get(customer, [])),
        "last_interaction_at": text(activities[-1].occurred_at) if activities else None,
        "csat_numerator": sum(score >= _SATISFIED for score in csat),
        "csat_denominator": len(csat),
        "nps_group": group_of(nps[-1]) if nps else None,
    }


def customer_journeys(events: CustomerEvents, classes: Classes) -> dict[str, dict]:
    """Return customer of the top tier -> how many steps its way has, how many were won, the first and the last."""
    found = {}
    for customer in events.customers():
        standing = classes.at(customer, LAST_DAY)
        if standing and standing.value_tier == "high":
            steps = _steps(events, customer)
            found[customer] = {
                "steps": len(steps),
                "won": sum(kind in ("opportunity_won", "order") for _, kind, _ in steps),
                "first": steps[0][1],
                "last": steps[-1][1],
                "first_at": text(steps[0][0]),
                "last_at": text(steps[-1][0]),
            }
    return found


def _steps(events: CustomerEvents, customer: str) -> list[tuple[datetime, str, str]]:
    """Return instant, kind and id of each step, by them; a deal that was closed twice has two ends."""
    steps = [(t.occurred_at, "touchpoint", t.touchpoint_id) for t in events.touchpoints.get(customer, [])]
    steps += [(lead.created_at, "lead", lead.lead_id) for lead in events.leads.get(customer, [])]
    steps += [(a.occurred_at, a.kind, a.activity_id) for a in events.activities.get(customer, [])]
    steps += [(t.created_at, "ticket", t.ticket_id) for t in events.tickets.get(customer, [])]
    steps += [(s.order.ordered_at, "order", s.order.order_id) for s in events.sales.get(customer, [])]
    for deal in events.deals.get(customer, []):
        steps.append((deal.row.created_at, "opportunity_created", deal.row.opportunity_id))
        steps += [(moment.at, f"opportunity_{moment.state}", deal.row.opportunity_id) for moment in _ends(deal)]
    return sorted(steps)


def _ends(deal: Deal) -> list[Moment]:
    """Return the moments in which the deal was closed, with those after which it was opened again."""
    return [now for before, now in pairwise(deal.moments) if now.state != OPEN and now.state != before.state]
