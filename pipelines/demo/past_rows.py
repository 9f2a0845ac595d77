"""Single rows of the demo company as they were at an earlier instant."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from pipelines.demo.model import Lead, Order, Ticket
from pipelines.demo.orders import SOURCE_WORDS

Row = TypeVar("Row")
_UNSOLVED = ("open", "pending", "on_hold")


def before(row: Row, limit: date, *columns: str) -> Row:
    """Return a row without what happened after `limit` in `columns`."""
    later = {c: None for c in columns if getattr(row, c) is not None and getattr(row, c) > limit}
    if "cancelled_on" in later:
        later["cancel_reason"] = None
    return replace(row, **later) if later else row


def order_at(order: Order, instant: datetime) -> Order:
    """Return an order with the status that its dates gave it; one that was never shipped keeps its own."""
    then = before(order, instant, "shipped_at", "delivered_at")
    status = order.status
    if then.shipped_at != order.shipped_at:
        status = "confirmed"
    elif then.delivered_at != order.delivered_at:
        status = "shipped"
    last = then.delivered_at or then.shipped_at or order.ordered_at + timedelta(hours=1)
    updated = min(last, order.source_updated_at, instant.astimezone(order.ordered_at.tzinfo))
    return replace(then, status=status, source_status=SOURCE_WORDS[status], source_updated_at=updated)


def lead_at(lead: Lead, instant: datetime) -> Lead:
    """Return a lead with the status that its dates gave it; its account is named from its conversion on."""
    then = before(lead, instant, "first_response_at", "qualified_at", "converted_at")
    if then == lead:
        return lead
    account_id = lead.account_id if then.converted_at or not lead.converted_at else None
    return replace(then, account_id=account_id, status=_lead_status(lead, then))


def _lead_status(lead: Lead, then: Lead) -> str:
    """Return the status that a lead had; when one was disqualified nobody knows, so it is once it was answered."""
    if then.converted_at:
        return "converted"
    if not then.first_response_at:
        return "new"
    if then.qualified_at:
        return "qualified"
    return lead.status if lead.status == "disqualified" else "working"


def ticket_at(ticket: Ticket, instant: datetime) -> Ticket:
    """Return a ticket with the status that its dates gave it; nobody has it before the first reply."""
    then = before(ticket, instant, "first_replied_at", "solved_at", "closed_at")
    if then == ticket:
        return ticket
    if then.solved_at:
        return replace(then, status="solved")
    if then.first_replied_at:
        return replace(then, status=ticket.status if ticket.status in _UNSOLVED else "open", resolution=None)
    return replace(then, status="new", resolution=None, assignee_user_id=None)
