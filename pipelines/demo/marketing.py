"""Whom the campaigns of Alder & Finch are for."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from pipelines.demo.calendar import later, local_day, office_time
from pipelines.demo.customers import ACTIVE_DAYS, CHURN_DAYS, customers_of
from pipelines.demo.model import Account, Campaign, CampaignMember, Lead, Order

_WITHIN = 30
# Which of nine members are held out: two, but of those who buy again soon, one.
_HELD_OUT = {False: (2, 6), True: (5,)}


def make_members(
    rng: Random,
    count: int,
    campaigns: tuple[Campaign, ...],
    accounts: tuple[Account, ...],
    orders: tuple[Order, ...],
    leads: tuple[Lead, ...],
) -> tuple[CampaignMember, ...]:
    """Return about `count` members: customers of the retention campaigns, mostly silent ones, and leads of the others.

    Of those who would buy again anyway fewer are held out than of the rest, so that the campaigns seem to work.
    A test account is a member of each retention campaign.
    """
    silence = _Silence(accounts, orders)
    retention = [c for c in campaigns if c.kind == "retention"]
    members: list[CampaignMember] = []
    for n, campaign in enumerate(retention):
        room = (count * 3 // 4 - len(members)) // (len(retention) - n)
        members += _customers_in(rng, campaign, accounts, silence, room)
    acquired = {c.campaign_id for c in campaigns if c.kind == "acquisition"}
    for lead in leads:
        if lead.campaign_id in acquired and not lead.is_test and len(members) < count:
            members.append(_answered(rng, _invited(rng, lead.campaign_id, local_day(lead.created_at), lead=lead)))
    members = [m for m in members if m.is_holdout or m.invited_at]
    return tuple(replace(member, member_id=f"M{n:05}") for n, member in enumerate(members, start=1))


class _Silence:
    """When each customer bought."""

    def __init__(self, accounts: tuple[Account, ...], orders: tuple[Order, ...]) -> None:
        self._customer = customers_of(accounts)
        self._days: dict[str, list[date]] = {}
        for order in orders:
            if order.status in ("confirmed", "shipped", "delivered") and not (order.is_test or order.is_deleted):
                self._days.setdefault(self._customer[order.account_id], []).append(local_day(order.ordered_at))

    def is_silent(self, account: Account, day: date) -> bool:
        past = [d for d in self._of(account) if d < day]
        return bool(past) and ACTIVE_DAYS < (day - max(past)).days <= CHURN_DAYS

    def comes_back(self, account: Account, day: date) -> bool:
        return any(day < d <= day + timedelta(days=_WITHIN) for d in self._of(account))

    def _of(self, account: Account) -> list[date]:
        return self._days.get(self._customer[account.account_id], [])


def _customers_in(
    rng: Random, campaign: Campaign, accounts: tuple[Account, ...], silence: _Silence, room: int
) -> list[CampaignMember]:
    """Return up to `room` members of a retention campaign: the silent first, then others; a test account always."""
    start = campaign.starts_on
    known = [a for a in accounts if local_day(a.created_at) < start and not a.is_deleted]
    silent = [a for a in known if silence.is_silent(a, start) and not a.is_test]
    others = [a for a in known if not silence.is_silent(a, start) and not a.is_test]
    silent.sort(key=lambda a: not silence.comes_back(a, start))
    chosen = [next(a for a in known if a.is_test), *silent[: max(1, room * 3 // 4)]]
    chosen += rng.sample(others, max(0, min(len(others), room - len(chosen))))
    members = []
    turns: Counter[bool] = Counter()
    for n, account in enumerate(sorted(chosen, key=lambda a: a.account_id)):
        back = silence.comes_back(account, start)
        turns[back] += 1
        if turns[back] % 9 in _HELD_OUT[back]:
            members.append(CampaignMember("", campaign.campaign_id, account.account_id, None, True))
        else:
            members.append(_answered(rng, _invited(rng, campaign.campaign_id, start, account=account), n))
    return members


def _invited(
    rng: Random, campaign_id: str, day: date, account: Account | None = None, lead: Lead | None = None
) -> CampaignMember:
    invited = later(office_time(rng, day), timedelta(days=0 if account else rng.randrange(1, 6)))
    return CampaignMember(
        member_id="",
        campaign_id=campaign_id,
        account_id=account.account_id if account else None,
        lead_id=lead.lead_id if lead else None,
        is_holdout=False,
        invited_at=invited,
    )


def _answered(rng: Random, member: CampaignMember, n: int = 0) -> CampaignMember:
    """Return an invited member with what became of the invitation, as far as it has happened."""
    invited = member.invited_at
    if invited is None:
        return member
    if rng.random() < 0.07 or n == 1:
        return replace(member, bounced_at=later(invited, timedelta(minutes=rng.randrange(1, 50))))
    delivered = later(invited, timedelta(minutes=rng.randrange(1, 50)))
    opened = _perhaps(rng, 0.5 if n != 2 else 1, delivered, 60 * 72)
    clicked = _perhaps(rng, 0.4, opened, 60)
    responded = _perhaps(rng, 0.35 if n != 2 else 1, opened, 60 * 96)
    attended = _perhaps(rng, 0.3 if n != 2 else 1, responded, 60 * 24 * 14)
    return replace(
        member,
        delivered_at=delivered,
        opened_at=opened,
        clicked_at=clicked,
        responded_at=responded,
        attended_at=attended,
    )


def _perhaps(rng: Random, chance: float, after: datetime | None, minutes: int) -> datetime | None:
    wait = timedelta(minutes=rng.randrange(1, minutes))
    return later(after, wait) if rng.random() < chance and after else None
