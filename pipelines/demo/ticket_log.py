"""What happened to each ticket of Alder & Finch's service, so that the ticket became what it is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from pipelines.demo.calendar import local, local_day
from pipelines.demo.model import SurveyResponse, Ticket, TicketEvent
from pipelines.demo.surveys import ticket_survey
from pipelines.demo.teams import on_duty

_NOT_LOGGED_EVERY = 10
_MERGED_EVERY = 37
_REOPENED_EVERY = 13
_ASKED_BACK_EVERY = 4
_PASSED_ON_EVERY = 5
_OPENED_BY_US_EVERY = 7
_AUTOMATIC_EVERY = 2
_ESCALATED_EVERY = 11
_RATED_EVERY = 4


def make_ticket_events(rng: Random, tickets: tuple[Ticket, ...]) -> tuple[TicketEvent, ...]:
    """Return the log of the tickets, by time. Every tenth ticket has none: it comes from before there was one."""
    logged = [ticket for n, ticket in enumerate(tickets, start=1) if n % _NOT_LOGGED_EVERY]
    events = [event for ticket in logged for event in _events(rng, ticket)]
    events.sort(key=lambda event: (event.occurred_at, event.ticket_id))
    return tuple(replace(event, event_id=f"V{n:06}") for n, event in enumerate(events, start=1))


def make_ticket_surveys(rng: Random, tickets: tuple[Ticket, ...]) -> tuple[SurveyResponse, ...]:
    """Return what was asked about every fourth of the tickets that are solved and name an account."""
    solved = [t for t in tickets if t.solved_at and t.account_id][::_RATED_EVERY]
    asked = [ticket_survey(rng, t.account_id, t.ticket_id, local(t.solved_at).replace(tzinfo=None)) for t in solved]
    return tuple(replace(s, response_id=f"T{n:05}") for n, s in enumerate((a for a in asked if a), start=1))


def _events(rng: Random, ticket: Ticket) -> Iterator[TicketEvent]:
    """Yield what happened to a ticket; events of one instant in the order in which they happened."""
    n, created = int(ticket.ticket_id[1:]), ticket.created_at

    def event(when: datetime, kind: str, actor: str, **more: object) -> TicketEvent:
        return TicketEvent("", ticket.ticket_id, when.replace(microsecond=0), kind, actor, **more)

    by_us = n % _OPENED_BY_US_EVERY == 0 and ticket.assignee_user_id is not None
    opener = {"actor": "agent", "actor_user_id": ticket.assignee_user_id} if by_us else {"actor": "customer"}
    yield event(created, "public_reply", **opener)
    if n % _AUTOMATIC_EVERY == 0:
        yield event(created + timedelta(seconds=20), "public_reply", "system")
    replied = ticket.first_replied_at
    if replied is None:
        return
    if n % _ESCALATED_EVERY == 0 and ticket.priority != "low":
        yield event(created + (replied - created) / 2, "priority", "agent", from_value="low", to_value=ticket.priority)
    agent = ticket.assignee_user_id
    first = on_duty(rng, "service", local_day(created)) if n % _PASSED_ON_EVERY == 0 else agent
    taken = created + (replied - created) / 4
    yield event(taken, "assignee", "system", to_value=first)
    if first != agent:
        handed = created + (replied - created) * 3 / 4
        yield event(handed, "assignee", "agent", actor_user_id=first, from_value=first, to_value=agent)
    work = rng.randrange(120, 1800)
    yield event(replied, "public_reply", "agent", actor_user_id=agent, handle_seconds=work)
    yield from _after_the_reply(rng, n, ticket, event)


def _after_the_reply(rng: Random, n: int, ticket: Ticket, event: Callable[..., TicketEvent]) -> Iterator[TicketEvent]:
    replied, solved, agent = ticket.first_replied_at, ticket.solved_at, ticket.assignee_user_id
    by_agent = {"actor": "agent", "actor_user_id": agent}
    if solved is None:
        yield event(replied, "status", **by_agent, from_value="new", to_value=ticket.status)
        return
    moments = [replied + (solved - replied) * part / 8 for part in range(9)]
    if n % _ASKED_BACK_EVERY == 0:
        yield event(replied, "status", **by_agent, from_value="new", to_value="pending")
        yield event(moments[2], "public_reply", "customer")
        yield event(moments[2], "status", "system", from_value="pending", to_value="open")
        yield event(moments[3], "public_reply", **by_agent, handle_seconds=rng.randrange(60, 900))
        yield event(moments[3], "private_note", **by_agent, handle_seconds=rng.randrange(10, 90))
    else:
        yield event(replied, "status", **by_agent, from_value="new", to_value="open")
    if n % _MERGED_EVERY == 0:
        yield event(solved, "merge", **by_agent, to_value=f"Q{max(1, n - 1):05}")
        yield event(solved, "status", "system", from_value="open", to_value="closed")
        return
    if n % _REOPENED_EVERY == 0:
        yield event(moments[5], "status", **by_agent, from_value="open", to_value="solved")
        yield event(moments[6], "public_reply", "customer")
        yield event(moments[6], "status", "customer", from_value="solved", to_value="open")
        yield event(moments[7], "public_reply", **by_agent, handle_seconds=rng.randrange(60, 900))
    yield event(solved, "status", **by_agent, from_value="open", to_value="solved")
    if ticket.closed_at:
        yield event(ticket.closed_at, "status", "system", from_value="solved", to_value="closed")
