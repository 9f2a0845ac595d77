"""What became of each ticket, replayed from its log or, where it has none, read off the ticket."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

from pipelines.demo.customers import Population
from pipelines.demo.model import Company, Ticket, TicketEvent

State = TypeVar("State")
_DONE = ("solved", "closed")
_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class History:
    """A ticket: its states with the instant from which on each holds, and what was written."""

    ticket: Ticket
    statuses: list[tuple[datetime, str]]
    priorities: list[tuple[datetime, str]]
    holders: list[tuple[datetime, str | None]]
    events: list[TicketEvent]
    flows: list[tuple[datetime, str]]

    @property
    def replies(self) -> list[TicketEvent]:
        """The public answers of agents after the ticket was created, in order."""
        created = self.ticket.created_at
        return [e for e in self.events if e.kind == "public_reply" and e.actor == "agent" and e.occurred_at > created]

    @property
    def first_reply(self) -> datetime | None:
        """When an agent first answered."""
        if not self.events:
            return self.ticket.first_replied_at
        return self.replies[0].occurred_at if self.replies else None

    def when(self, flow: str) -> list[datetime]:
        """Return the instants of a flow: created, solved, reopened, removed."""
        return [at for at, name in self.flows if name == flow]

    def first(self, flow: str) -> datetime | None:
        """Return the first instant of a flow."""
        return next(iter(self.when(flow)), None)

    @property
    def is_unsolved(self) -> bool:
        """Whether it is in the backlog at the end."""
        return self.flows[-1][1] in ("created", "reopened")

    def waiting(self, until: datetime) -> list[tuple[datetime, datetime]]:
        """Return the spans before `until` in which it was unsolved and not pending."""
        ends = [at for at, _ in self.statuses[1:]] + [_FOREVER]
        spans = [
            (at, min(end, until))
            for (at, status), end in zip(self.statuses, ends, strict=True)
            if status in ("new", "open", "on_hold")
        ]
        return [(start, end) for start, end in spans if start < end]


def at_instant(states: list[tuple[datetime, State]], instant: datetime) -> State:
    """Return the state that holds at `instant`: the last of those that begin by then."""
    return [state for start, state in states if start <= instant][-1]


def histories(company: Company, population: Population) -> list[History]:
    """Return the histories of the tickets that count: not about deleted orders, not of tests."""
    orders = {order.order_id: order for order in company.orders}
    logs: dict[str, list[TicketEvent]] = {}
    for event in sorted(company.ticket_events, key=lambda e: (e.occurred_at, e.event_id)):
        logs.setdefault(event.ticket_id, []).append(event)
    found = []
    for ticket in company.tickets:
        order = orders.get(ticket.order_id or "")
        if order and population.bucket(order) in ("deleted", "test"):
            continue
        if (ticket.account_id or (order.account_id if order else None)) in population.test_accounts:
            continue
        found.append(_history(ticket, logs.get(ticket.ticket_id, [])))
    return found


def _history(ticket: Ticket, log: list[TicketEvent]) -> History:
    merged = next((event.occurred_at for event in log if event.kind == "merge"), None)
    told = [e for e in log if merged is None or e.occurred_at < merged]
    statuses = _states(ticket.created_at, [e for e in told if e.kind == "status"], None)
    if statuses is None:
        statuses = [(ticket.created_at, "open")]
        if ticket.solved_at:
            statuses.append((ticket.solved_at, "solved"))
    if merged:
        statuses.append((merged, "merged"))
    priorities = _states(ticket.created_at, [e for e in told if e.kind == "priority"], ticket.priority)
    holders = _states(ticket.created_at, [e for e in told if e.kind == "assignee"], None)
    return History(
        ticket,
        statuses,
        priorities,
        holders or [(ticket.created_at, ticket.assignee_user_id)],
        log,
        list(_flows(statuses)),
    )


def _states(created: datetime, changes: list[TicketEvent], unchanged: str | None) -> list | None:
    if not changes:
        return [(created, unchanged)] if unchanged else None
    return [(created, changes[0].from_value), *((event.occurred_at, event.to_value) for event in changes)]


def _flows(statuses: list[tuple[datetime, str]]) -> Iterator[tuple[datetime, str]]:
    yield statuses[0][0], "created"
    for (_, before), (at, after) in pairwise(statuses):
        if before not in _DONE and after == "merged":
            yield at, "removed"
        elif before not in _DONE and after in _DONE:
            yield at, "solved"
        elif before in _DONE and after not in (*_DONE, "merged"):
            yield at, "reopened"
