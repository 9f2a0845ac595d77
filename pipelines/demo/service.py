"""The tickets of Alder & Finch's service."""

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from pipelines.demo.calendar import AS_OF, business_instants, happened, later, local_day
from pipelines.demo.model import Account, Contact, Order, Ticket
from pipelines.demo.teams import SERVICE_TEAM, on_duty

_KINDS = (("question", 44), ("incident", 20), ("request", 18), ("complaint", 18))
_CATEGORIES = ("delivery", "product", "billing", "account", None)
_PRIORITIES = ("low", "normal", "high", "urgent")
_PRIORITY_WEIGHTS = (20, 52, 20, 8)
_CHANNELS = ("email", "phone", "chat", "web_form")
_RESOLUTIONS = ("explained", "replaced", "refunded", None)
_QUIET = timedelta(days=400)
_LEFT_OPEN_EVERY = 19


def make_tickets(
    rng: Random, count: int, accounts: tuple[Account, ...], contacts: tuple[Contact, ...], orders: tuple[Order, ...]
) -> tuple[Ticket, ...]:
    """Return `count` tickets, by time: of orders, of accounts, and complaints of some who never bought again.

    One is of a test account, one of a deleted order, and one names nobody.
    """
    ordinary = {a.account_id: a for a in accounts if not (a.is_test or a.is_deleted)}
    aside = [o for o in orders if o.is_deleted and o.delivered_at][:1]
    aside += [o for o in orders if o.delivered_at and o.account_id not in ordinary][:1]
    origins: list[tuple[datetime, str | None, Order | None, str | None]] = []
    origins += [(o.delivered_at + timedelta(hours=30), o.account_id, o, None) for o in aside]
    last = {o.account_id: o for o in orders if o.account_id in ordinary}
    leavers = [o for o in last.values() if o.delivered_at and o.ordered_at < AS_OF - _QUIET and not o.is_test]
    for order in leavers[:: max(1, len(leavers) * 10 // count)]:
        origins.append(
            (order.delivered_at + timedelta(hours=rng.randrange(4, 90)), order.account_id, order, "complaint")
        )
    served = [o for o in orders if o.delivered_at and o.account_id in ordinary and not (o.is_test or o.is_deleted)]
    for order in rng.sample(served, min(len(served), count // 3)):
        origins.append((order.ordered_at + timedelta(hours=rng.randrange(20, 400)), order.account_id, order, None))
    known = list(ordinary.values())
    for moment in business_instants(rng, max(5, count - len(origins))):
        account = known[rng.randrange(bisect_right(known, moment, key=lambda a: a.created_at))]
        origins.append((moment, account.account_id, None, None))
    origins[-1] = (origins[-1][0], None, None, None)
    origins = [origin for origin in origins if happened(origin[0])]
    origins.sort(key=lambda origin: (origin[0], origin[1] or ""))
    people = {c.account_id: c for c in reversed(contacts)}
    return tuple(_ticket(rng, n, origin, people) for n, origin in enumerate(origins, start=1))


def _ticket(
    rng: Random,
    n: int,
    origin: tuple[datetime, str | None, Order | None, str | None],
    people: dict[str, Contact],
) -> Ticket:
    created, account_id, order, kind = origin
    person = people.get(account_id or "")
    kinds, weights = zip(*_KINDS, strict=True)
    ticket = Ticket(
        ticket_id=f"Q{n:05}",
        account_id=account_id,
        contact_id=person.contact_id if person and person.created_at <= created else None,
        order_id=order.order_id if order else None,
        kind=kind or rng.choices(kinds, weights)[0],
        category=rng.choice(_CATEGORIES),
        priority=rng.choices(_PRIORITIES, _PRIORITY_WEIGHTS)[0],
        channel=rng.choice(_CHANNELS),
        status="new",
        subject=f"Ticket {n:05}",
        assignee_user_id=None,
        team_id=SERVICE_TEAM,
        created_at=created,
        first_replied_at=None,
        solved_at=None,
        closed_at=None,
        resolution=None,
    )
    return _handled(rng, n, ticket)


def _handled(rng: Random, n: int, ticket: Ticket) -> Ticket:
    """Return the ticket with what has been done about it by now; every 19th is forgotten."""
    minutes = rng.randrange(5, 300 if ticket.priority in ("high", "urgent") else 2900)
    replied = later(ticket.created_at, timedelta(minutes=minutes))
    solved = later(replied, timedelta(minutes=rng.randrange(10, 20_000))) if replied else None
    closed = later(solved, timedelta(days=4)) if solved else None
    if replied is None:
        return ticket
    assignee = on_duty(rng, "service", local_day(replied))
    ticket = replace(ticket, first_replied_at=replied, assignee_user_id=assignee, status=status_of(n, None, None))
    if solved is None or n % _LEFT_OPEN_EVERY == 0:
        return ticket
    resolution = rng.choice(_RESOLUTIONS)
    return replace(
        ticket, status=status_of(n, solved, closed), solved_at=solved, closed_at=closed, resolution=resolution
    )


def status_of(n: int, solved: datetime | None, closed: datetime | None) -> str:
    """Return the status of ticket `n` once somebody has replied to it."""
    if closed:
        return "closed"
    return "solved" if solved else ("open", "pending", "on_hold")[n // _LEFT_OPEN_EVERY % 3]
