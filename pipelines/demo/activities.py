"""Whom the sellers of Alder & Finch talk to, and how."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from pipelines.demo.calendar import AS_OF, business_instants, happened, later, local_day, office_time
from pipelines.demo.model import Account, Activity, Contact, Lead, Opportunity, Order
from pipelines.demo.teams import on_duty

_KINDS = ("email", "call", "meeting", "chat", "visit", "other")
_DEAL_WEIGHTS = (38, 26, 20, 4, 9, 3)
_CUSTOMER_WEIGHTS = (52, 26, 4, 14, 3, 1)
_SUBJECTS = ("Your question", "Our offer", "New season", "Next steps", None)


class _Diary:
    """Collects the activities; `add` leaves out what has not happened yet."""

    def __init__(self, rng: Random, contacts: tuple[Contact, ...]) -> None:
        self._rng = rng
        self._contacts: dict[str, list[Contact]] = {}
        for contact in contacts:
            self._contacts.setdefault(contact.account_id, []).append(contact)
        self.found: list[Activity] = []

    def add(
        self,
        moment: datetime,
        weights: tuple[int, ...],
        user_id: str | None = None,
        account_id: str | None = None,
        lead_id: str | None = None,
        opportunity_id: str | None = None,
    ) -> None:
        if not happened(moment):
            return
        rng = self._rng
        kind = rng.choices(_KINDS, weights)[0]
        known = [c.contact_id for c in self._contacts.get(account_id or "", ()) if c.created_at <= moment]
        activity = Activity(
            activity_id="",
            kind=kind,
            direction=_direction(rng, kind),
            account_id=account_id,
            contact_id=rng.choice(known) if known else None,
            lead_id=lead_id,
            opportunity_id=opportunity_id,
            user_id=user_id or on_duty(rng, "sales", local_day(moment)),
            occurred_at=moment,
            subject=rng.choice(_SUBJECTS),
        )
        self.found.append(_what_came_of_it(rng, activity))


def make_activities(
    rng: Random,
    count: int,
    accounts: tuple[Account, ...],
    contacts: tuple[Contact, ...],
    leads: tuple[Lead, ...],
    deals: tuple[Opportunity, ...],
    orders: tuple[Order, ...],
) -> tuple[Activity, ...]:
    """Return about `count` activities, by time: around leads, deals and orders, and without a reason.

    Some name no account; some are of test accounts, one of a deleted one.
    """
    diary = _Diary(rng, contacts)
    since = {a.account_id: a.created_at for a in accounts}
    for lead in leads:
        if lead.first_response_at and rng.random() < 0.6:
            diary.add(lead.first_response_at, _CUSTOMER_WEIGHTS, lead.owner_user_id, lead_id=lead.lead_id)
    for deal in deals:
        _around(rng, diary, deal)
    for order in orders:
        if rng.random() < 0.25:
            before = order.ordered_at - timedelta(days=rng.randrange(1, 21), minutes=rng.randrange(600))
            moment = max(before, since[order.account_id])
            diary.add(moment, _CUSTOMER_WEIGHTS, order.owner_user_id, order.account_id)
    ordinary = [a for a in accounts if not (a.is_test or a.is_deleted)]
    special = [a for a in accounts if a.is_test] + [next(a for a in accounts if a.is_deleted)]
    for account in special:
        diary.add(account.created_at + timedelta(days=3), _CUSTOMER_WEIGHTS, account_id=account.account_id)
    for n, moment in enumerate(business_instants(rng, max(20, count - len(diary.found)))):
        account = rng.choice(ordinary)
        named = account.account_id if n % 12 and account.created_at < moment else None
        diary.add(moment, _CUSTOMER_WEIGHTS, account_id=named)
    found = sorted(diary.found, key=lambda a: (a.occurred_at, a.account_id or "", a.lead_id or "", a.kind))
    return tuple(replace(activity, activity_id=f"K{n:05}") for n, activity in enumerate(found, start=1))


def _around(rng: Random, diary: _Diary, deal: Opportunity) -> None:
    """Add what is done for a deal while it is open; more for those that will be won."""
    last = deal.closed_at or min(AS_OF, deal.created_at + timedelta(days=120))
    days = (local_day(last) - local_day(deal.created_at)).days
    for _ in range(rng.choice((0, 1, 2, 3, 4)) + (deal.outcome == "won")):
        moment = office_time(rng, local_day(deal.created_at) + timedelta(days=rng.randrange(days + 1)))
        if deal.created_at <= moment <= last:
            diary.add(
                moment,
                _DEAL_WEIGHTS,
                deal.owner_user_id if rng.random() < 0.8 else None,
                deal.account_id if rng.random() < 0.85 else None,
                deal.lead_id,
                deal.opportunity_id,
            )


def _direction(rng: Random, kind: str) -> str | None:
    if kind in ("meeting", "visit", "other"):
        return None
    return "in" if rng.random() < 0.35 else "out"


def _what_came_of_it(rng: Random, activity: Activity) -> Activity:
    """Return the activity with how long it took, or whether it was opened and replied to, and its outcome."""
    moment, kind = activity.occurred_at, activity.kind
    if kind == "email" and activity.direction == "out":
        opened = later(moment, timedelta(minutes=rng.randrange(2, 4000))) if rng.random() < 0.55 else None
        replied = later(opened, timedelta(minutes=rng.randrange(2, 3000))) if opened and rng.random() < 0.4 else None
        return replace(activity, opened_at=opened, replied_at=replied)
    if kind in ("call", "meeting", "chat", "visit"):
        low, high = {"call": (0, 1500), "meeting": (1200, 7200), "chat": (60, 1800), "visit": (1800, 14400)}[kind]
        seconds = rng.randrange(low, high)
        outcome = "no answer" if kind == "call" and seconds < 60 else rng.choice(("interested", "follow up", None))
        return replace(activity, duration_seconds=seconds, outcome=outcome)
    return activity
