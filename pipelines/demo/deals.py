"""The deals of Alder & Finch: where they come from and how they end. What happens between is their log."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import FIRST_DAY, business_instants, happened, later, local_day, office_time
from pipelines.demo.leads import known_at
from pipelines.demo.model import Account, Lead, Opportunity, Order, Product
from pipelines.demo.stages import LOST, WON, open_stages, usual_odds
from pipelines.demo.teams import on_duty

COMPETITORS = ("Northpeak", "Basecamp Supply", "Tramontana Outdoor")
_YOUNG = 6
_LEFT_OPEN_SINCE = date(2024, 7, 1)


@dataclass(frozen=True)
class _Origin:
    """Where a deal comes from; one that ends in an order has that order."""

    begun: datetime
    lead: Lead | None = None
    order: Order | None = None


def make_deals(
    rng: Random,
    count: int,
    leads: tuple[Lead, ...],
    accounts: tuple[Account, ...],
    products: tuple[Product, ...],
    orders: tuple[Order, ...],
) -> tuple[list[Opportunity], dict[str, str]]:
    """Return about `count` deals by time, and order -> deal of the orders that deals ended in.

    About half of the deals come from leads. Some leads that have no conversion date have a deal all the same: it is
    what converted them. Some leads have two deals.
    """
    ordinary = {a.account_id: a for a in accounts if not (a.is_test or a.is_deleted)}
    origins = [*_from_leads(rng, leads), *_before_orders(rng, count // 7, orders, ordinary)]
    origins += [_Origin(begun) for begun in business_instants(rng, max(1, count - len(origins)))]
    origins.sort(key=lambda o: (o.begun, o.lead.lead_id if o.lead else "", o.order.order_id if o.order else ""))
    known = list(ordinary.values())
    deals = [_deal(rng, n, o, _account(rng, o, ordinary, known), products) for n, o in enumerate(origins)]
    links = {
        origin.order.order_id: deal.opportunity_id for origin, deal in zip(origins, deals, strict=True) if origin.order
    }
    return _with_special_cases(deals, set(links.values()), accounts), links


def _from_leads(rng: Random, leads: tuple[Lead, ...]) -> list[_Origin]:
    origins: list[_Origin] = []
    for lead in leads:
        if lead.is_test or not lead.qualified_at:
            continue
        if rng.random() < (0.45 if lead.converted_at else 0.22):
            begun = lead.qualified_at + timedelta(hours=rng.randrange(1, 900), seconds=rng.randrange(3600))
            origins.append(_Origin(begun, lead))
            if rng.random() < 0.12:
                origins.append(_Origin(begun + timedelta(days=rng.randrange(5, 90)), lead))
    return [origin for origin in origins if happened(origin.begun)]


def _before_orders(rng: Random, count: int, orders: tuple[Order, ...], accounts: dict[str, Account]) -> list[_Origin]:
    """Return origins of deals that end in an order of an organisation, spread over the orders."""
    found = []
    for order in orders:
        account = accounts.get(order.account_id)
        begun = order.ordered_at - timedelta(days=rng.randrange(25, 120), minutes=rng.randrange(600))
        sold = order.status in ("shipped", "delivered") and not (order.is_test or order.is_deleted)
        if account and sold and order.channel == "sales_team" and begun > account.created_at:
            found.append(_Origin(begun, order=order))
    found = [origin for origin in found if local_day(origin.begun) >= FIRST_DAY]
    return found[:: max(1, len(found) // count)][:count]


def _deal(rng: Random, n: int, origin: _Origin, account: Account, products: tuple[Product, ...]) -> Opportunity:
    """Return a deal as it was when it began, but with its end; it has not gone through any stage yet."""
    created, lead, day = origin.begun, origin.lead, local_day(origin.begun)
    pipeline = "business" if account.tax_id else "retail"
    stage = open_stages(pipeline)[0]
    outcome, closed = _end(rng, n, origin)
    return Opportunity(
        opportunity_id=f"W{n + 1:05}",
        account_id=account.account_id,
        lead_id=lead.lead_id if lead else None,
        owner_user_id=lead.owner_user_id if lead else on_duty(rng, "sales", day),
        name=f"Deal {n + 1:05}",
        pipeline=pipeline,
        stage=stage,
        amount=Decimal(rng.randrange(20_000, 4_000_000 if account.tax_id else 900_000, 500)).scaleb(-2),
        currency="USD" if account.country == "US" else "EUR",
        probability=usual_odds(pipeline, stage),
        expected_close_on=day + timedelta(days=rng.randrange(10, 121) if n % 19 else rng.randrange(121, 300)),
        created_at=created,
        closed_at=closed,
        outcome=outcome,
        lost_reason=None,
        channel=lead.channel if lead else None,
        campaign_id=lead.campaign_id if lead else None,
        competitor=rng.choice(COMPETITORS) if rng.random() < 0.35 else None,
        product_id=rng.choice(products).product_id if rng.random() < 0.6 else None,
    )


def _account(rng: Random, origin: _Origin, ordinary: dict[str, Account], known: list[Account]) -> Account:
    """Return the account of a deal: that of its order or lead, or any that exists."""
    named = origin.order or origin.lead
    account = ordinary.get(named.account_id or "") if named else None
    return account or known_at(rng, known, origin.begun)


def _end(rng: Random, n: int, origin: _Origin) -> tuple[str, datetime | None]:
    """Return how a deal ends and when; every twelfth younger one is left open, whatever was expected."""
    if origin.order:
        return WON, origin.order.ordered_at - timedelta(days=rng.randrange(1, 20), seconds=rng.randrange(3600))
    begun = local_day(origin.begun)
    closed = later(office_time(rng, begun), timedelta(days=rng.randrange(9, 150)))
    outcome = rng.choice((WON, WON, LOST, LOST, LOST))
    left_open = n % 12 == 5 and begun >= _LEFT_OPEN_SINCE
    return ("open", None) if left_open or not closed else (outcome, closed)


def _with_special_cases(
    deals: list[Opportunity], with_order: set[str], accounts: tuple[Account, ...]
) -> list[Opportunity]:
    """Return the deals, one of them of a test account, one a test itself, one deleted; two have no amount, one no odds.

    The youngest are open. They have neither lead nor order, so that nothing else depends on them.
    """
    free = [n for n, deal in enumerate(deals) if not deal.lead_id and deal.opportunity_id not in with_order]
    young, closed = free[-_YOUNG:], [n for n in free[:-_YOUNG] if deals[n].closed_at]
    still_open = {"outcome": "open", "closed_at": None}
    test = next(a for a in accounts if a.is_test)
    changes: dict[int, dict] = {
        closed[len(closed) // 5]: {"account_id": test.account_id, "pipeline": "retail", "currency": "EUR"},
        closed[len(closed) * 2 // 5]: {"is_deleted": True},
        closed[len(closed) * 3 // 5]: {"is_test": True},
        closed[len(closed) * 4 // 5]: {"amount": None},
        **dict.fromkeys(young, still_open),
        young[1]: {"amount": None, **still_open},
        young[3]: {"probability": None, **still_open},
    }
    return [replace(deal, **changes.get(n, {})) for n, deal in enumerate(deals)]
