"""The leads and opportunities of Alder & Finch."""

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import business_instants, happened, local_day, office_time
from pipelines.demo.catalogue import LEAD_CHANNELS
from pipelines.demo.model import Account, Campaign, Lead, Opportunity, Product

UNKNOWN_CAMPAIGN = "CMP-99"
_CHANNEL_WEIGHTS = (30, 12, 10, 22, 18, 8)
_QUALIFIED = dict(zip(LEAD_CHANNELS, (0.42, 0.68, 0.55, 0.38, 0.28, 0.60), strict=True))
_STAGES = (("qualification", "0.2"), ("offer", "0.5"), ("negotiation", "0.75"))
_LOST = ("price", "competitor", "no decision", "timing")


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
    answered = _later(created, timedelta(minutes=rng.randrange(4, 2800))) if rng.random() < 0.9 else None
    qualified = converted = None
    if rng.random() < _QUALIFIED[channel]:
        qualified = _later(created, timedelta(hours=rng.randrange(49, 400), minutes=rng.randrange(60)))
    if qualified and rng.random() < 0.33:
        converted = _later(qualified, timedelta(hours=rng.randrange(20, 1500), minutes=rng.randrange(60)))
    status = "qualified" if qualified else rng.choice(("disqualified", "working"))
    return Lead(
        lead_id=f"D{n + 1:05}",
        created_at=created,
        channel=None if n % 29 == 5 else channel,
        campaign_id=running[0] if running and rng.random() < 0.8 else None,
        owner_user_id=f"U{rng.randrange(1, 7):02}",
        status="converted" if converted else status if answered else "new",
        name=f"Prospect {n + 1:05}",
        email=f"prospect{n + 1:05}@example.com",
        first_response_at=answered,
        qualified_at=qualified,
        converted_at=converted,
        account_id=_known(rng, accounts, converted).account_id if converted else None,
    )


def make_opportunities(
    rng: Random, count: int, leads: tuple[Lead, ...], accounts: tuple[Account, ...], products: tuple[Product, ...]
) -> tuple[Opportunity, ...]:
    """Return about `count` opportunities, by time, about half of them from leads.

    Some leads that have no conversion date have an opportunity all the same: it is what converted them.
    Some leads have two opportunities.
    """
    ordinary = [a for a in accounts if not (a.is_test or a.is_deleted)]
    origins: list[tuple[datetime, Lead | None]] = []
    for lead in leads:
        if lead.is_test or not lead.qualified_at:
            continue
        if rng.random() < (0.45 if lead.converted_at else 0.22):
            begun = lead.qualified_at + timedelta(hours=rng.randrange(1, 900), seconds=rng.randrange(3600))
            origins.append((begun, lead))
            if rng.random() < 0.12:
                origins.append((begun + timedelta(days=rng.randrange(5, 90)), lead))
    origins = [(begun, lead) for begun, lead in origins if happened(begun)]
    origins += [(instant, None) for instant in business_instants(rng, max(1, count - len(origins)))]
    origins.sort(key=lambda origin: (origin[0], origin[1].lead_id if origin[1] else ""))
    return tuple(_opportunity(rng, n, begun, lead, ordinary, products) for n, (begun, lead) in enumerate(origins))


def _opportunity(
    rng: Random,
    n: int,
    created: datetime,
    lead: Lead | None,
    accounts: list[Account],
    products: tuple[Product, ...],
) -> Opportunity:
    closed = _later(office_time(rng, local_day(created)), timedelta(days=rng.randrange(9, 150)))
    outcome = rng.choice(("won", "won", "lost", "lost", "lost")) if closed else "open"
    stage, probability = {"won": ("won", "1"), "lost": ("lost", "0")}.get(outcome) or rng.choice(_STAGES)
    lead_account = lead.account_id if lead else None
    account = next((a for a in accounts if a.account_id == lead_account), None) or _known(rng, accounts, created)
    return Opportunity(
        opportunity_id=f"W{n + 1:05}",
        account_id=account.account_id,
        lead_id=lead.lead_id if lead else None,
        owner_user_id=lead.owner_user_id if lead else f"U{rng.randrange(1, 7):02}",
        name=f"Deal {n + 1:05}",
        pipeline="business" if account.tax_id else "retail",
        stage=stage,
        amount=Decimal(rng.randrange(20_000, 4_000_000, 500)).scaleb(-2),
        currency="USD" if account.country == "US" else "EUR",
        probability=Decimal(probability),
        expected_close_on=local_day(created) + timedelta(days=rng.randrange(20, 130)),
        created_at=created,
        closed_at=closed,
        outcome=outcome,
        lost_reason=rng.choice(_LOST) if outcome == "lost" else None,
        channel=lead.channel if lead else None,
        campaign_id=lead.campaign_id if lead else None,
        product_id=rng.choice(products).product_id if rng.random() < 0.6 else None,
    )


def _known(rng: Random, accounts: list[Account], instant: datetime) -> Account:
    """Return an account that exists at `instant`; `accounts` are in the order of their creation."""
    return accounts[rng.randrange(bisect_right(accounts, instant, key=lambda a: a.created_at))]


def _later(instant: datetime, wait: timedelta) -> datetime | None:
    """Return the instant after `wait`, or None if that has not happened yet."""
    return instant + wait if happened(instant + wait) else None
