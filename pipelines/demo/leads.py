"""The leads of Alder & Finch."""

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from pipelines.demo.calendar import business_instants, later, local_day
from pipelines.demo.catalogue import LEAD_CHANNELS
from pipelines.demo.model import Account, Campaign, Lead
from pipelines.demo.teams import on_duty

UNKNOWN_CAMPAIGN = "CMP-99"
_CHANNEL_WEIGHTS = (30, 12, 10, 22, 18, 8)
_QUALIFIED = dict(zip(LEAD_CHANNELS, (0.42, 0.68, 0.55, 0.38, 0.28, 0.60), strict=True))


def make_leads(
    rng: Random, count: int, accounts: tuple[Account, ...], campaigns: tuple[Campaign, ...]
) -> tuple[Lead, ...]:
    """Return `count` leads, by time. Three are tests, one names an unknown campaign, one a deleted account."""
    ordinary = [a for a in accounts if not (a.is_test or a.is_deleted)]
    leads = [_lead(rng, n, instant, campaigns, ordinary) for n, instant in enumerate(business_instants(rng, count))]
    leads[10] = replace(leads[10], campaign_id=UNKNOWN_CAMPAIGN)
    deleted = next(a for a in accounts if a.is_deleted)
    leads[-20] = replace(leads[-20], account_id=deleted.account_id)
    for n in (20, 50, 80):
        leads[n] = replace(leads[n], is_test=True)
    return tuple(leads)


def _lead(rng: Random, n: int, created: datetime, campaigns: tuple[Campaign, ...], accounts: list[Account]) -> Lead:
    channel = rng.choices(LEAD_CHANNELS, _CHANNEL_WEIGHTS)[0]
    day = local_day(created)
    running = [c.campaign_id for c in campaigns if c.channel == channel and c.starts_on <= day <= c.ends_on]
    answered = later(created, timedelta(minutes=rng.randrange(4, 2800))) if rng.random() < 0.9 else None
    qualified = converted = None
    if rng.random() < _QUALIFIED[channel]:
        qualified = later(created, timedelta(hours=rng.randrange(49, 400), minutes=rng.randrange(60)))
    if qualified and rng.random() < 0.33:
        converted = later(qualified, timedelta(hours=rng.randrange(20, 1500), minutes=rng.randrange(60)))
    status = "qualified" if qualified else rng.choice(("disqualified", "working"))
    return Lead(
        lead_id=f"D{n + 1:05}",
        created_at=created,
        channel=None if n % 29 == 5 else channel,
        campaign_id=running[0] if running and rng.random() < 0.8 else None,
        owner_user_id=on_duty(rng, "sales", day),
        status="converted" if converted else status if answered else "new",
        name=f"Prospect {n + 1:05}",
        email=f"prospect{n + 1:05}@example.com",
        first_response_at=answered,
        qualified_at=qualified,
        converted_at=converted,
        account_id=known_at(rng, accounts, converted).account_id if converted else None,
    )


def known_at(rng: Random, accounts: list[Account], instant: datetime) -> Account:
    """Return an account that exists at `instant`; `accounts` are in the order of their creation."""
    return accounts[rng.randrange(bisect_right(accounts, instant, key=lambda a: a.created_at))]
