"""The orders of Alder & Finch: who orders when, and what becomes of it."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.accounts import DELETED_ACCOUNTS
from pipelines.demo.calendar import AS_OF, at, business_instants, local_day, office_time
from pipelines.demo.model import Account, Campaign, Order
from pipelines.demo.teams import on_duty

SOURCE_WORDS = {
    "draft": "Entwurf",
    "confirmed": "Bestätigt",
    "shipped": "Versandt",
    "delivered": "Zugestellt",
    "cancelled": "Storniert",
    "unavailable": "Nicht lieferbar",
}
_CHANNELS = ("web_shop", "store", "marketplace", "paid_search", "social", "phone")
_CHANNEL_WEIGHTS = (38, 20, 18, 11, 7, 6)


@dataclass(frozen=True)
class _Wanted:
    """What a deliberate order must be; empty fields are left to chance."""

    status: str | None = None
    is_test: bool = False
    is_deleted: bool = False
    test_account: bool = False


# Spread evenly over the span, so that a small company has them all.
_DELIBERATE = (
    _Wanted(status="unavailable"),
    _Wanted(status="draft"),
    _Wanted(is_test=True, status="confirmed"),
    _Wanted(is_deleted=True, status="confirmed"),
    _Wanted(test_account=True, status="delivered"),
    _Wanted(status="unavailable"),
    _Wanted(status="cancelled"),
    _Wanted(is_test=True, status="delivered"),
    _Wanted(is_deleted=True, status="delivered"),
    _Wanted(test_account=True, status="delivered"),
    _Wanted(is_test=True, status="cancelled"),
    _Wanted(is_deleted=True, is_test=True, status="confirmed"),
    _Wanted(test_account=True, status="cancelled"),
    _Wanted(is_deleted=True, status="draft"),
    _Wanted(is_test=True, test_account=True, status="confirmed"),
    _Wanted(status="draft"),
    _Wanted(status="shipped"),
)


def edge_instants() -> tuple[datetime, ...]:
    """Return instants (UTC) whose day, month, quarter or year in Berlin is not that of UTC, and their neighbours.

    The orders at them are in USD: rate and period are those of the Berlin day.
    """
    return (
        at(date(2023, 1, 1), 0, 30),
        at(date(2023, 12, 31), 23, 30),
        at(date(2024, 1, 1), 0, 30),
        at(date(2024, 7, 1), 0, 15),
        at(date(2025, 2, 28), 23, 59, 59),
        at(date(2025, 3, 1), 0, 0),
        at(date(2025, 12, 31), 23, 59, 59),
    )


def make_orders(
    rng: Random, count: int, accounts: tuple[Account, ...], campaigns: tuple[Campaign, ...]
) -> tuple[Order, ...]:
    """Return `count` orders, by time. Accounts need to be in the order of their creation."""
    edges = edge_instants()
    instants = sorted([*business_instants(rng, count - len(edges)), *edges])
    buyers = _Buyers(rng, accounts)
    usual = [n for n, instant in enumerate(instants) if instant not in edges]
    wanted = {usual[len(usual) * (n + 2) // (len(_DELIBERATE) + 3)]: want for n, want in enumerate(_DELIBERATE)}
    orders = []
    for n, instant in enumerate(instants):
        on_edge = instant in edges
        want = _Wanted(status="confirmed" if instant.month == 12 else "delivered") if on_edge else wanted.get(n)
        if on_edge:
            account = buyers.from_the_us(instant, organisation=edges.index(instant) % 2 == 1)
        else:
            account = buyers.choose(instant, test=bool(want and want.test_account))
        orders.append(_order(rng, n, instant, account, want or _Wanted(), campaigns))
    return tuple(orders)


class _Buyers:
    """Chooses who orders: newcomers soon after they register, loyal customers often, everybody only for a while."""

    def __init__(self, rng: Random, accounts: tuple[Account, ...]) -> None:
        self._rng = rng
        self._tests = [a for a in accounts if a.is_test]
        ordinary = [a for n, a in enumerate(accounts) if not a.is_test and n not in DELETED_ACCOUNTS and n % 8 != 6]
        self._accounts = ordinary
        self._created = [a.created_at for a in ordinary]
        self._loyalty = [rng.choice((1, 1, 2, 3, 5, 9)) * (2 if a.tax_id else 1) for a in ordinary]
        self._stays = [timedelta(days=rng.choice((20, 60, 200, 500, 900, 2000))) for _ in ordinary]

    def from_the_us(self, instant: datetime, organisation: bool) -> Account:
        """Return an account of the United States that exists at `instant`; an organisation, if asked for."""
        known = self._accounts[: bisect_right(self._created, instant)]
        return self._one_of(known, lambda a: a.country == "US" and (a.tax_id is not None or not organisation))

    def choose(self, instant: datetime, test: bool = False) -> Account:
        """Return an account that exists at `instant`; a test account, if asked for."""
        known = bisect_right(self._created, instant)
        if test:
            return self._one_of(self._tests, lambda a: a.created_at <= instant)
        if self._rng.random() < 0.22:
            return self._accounts[self._rng.randrange(max(0, known - 12), known)]
        for _ in range(12):
            (n,) = self._rng.choices(range(known), self._loyalty[:known])
            if instant <= self._created[n] + self._stays[n]:
                break
        return self._accounts[n]

    def _one_of(self, accounts: list[Account], fits: Callable[[Account], bool]) -> Account:
        return self._rng.choice([a for a in accounts if fits(a)])


def _order(
    rng: Random, n: int, instant: datetime, account: Account, want: _Wanted, campaigns: tuple[Campaign, ...]
) -> Order:
    day = local_day(instant)
    status = want.status or _status(rng, instant)
    shipped, delivered = _journey(rng, day, status)
    channel = "sales_team" if account.tax_id else rng.choices(_CHANNELS, _CHANNEL_WEIGHTS)[0]
    running = [c.campaign_id for c in campaigns if c.starts_on <= day <= c.ends_on]
    shipping = Decimal(rng.choice((0, 390, 490, 990))).scaleb(-2)
    return Order(
        order_id=f"O{n + 1:06}",
        account_id=account.account_id,
        opportunity_id=None,
        owner_user_id=on_duty(rng, "sales", day) if account.tax_id else None,
        ordered_at=instant,
        status=status,
        source_status=SOURCE_WORDS[status],
        shipped_at=shipped,
        promised_at=office_time(rng, day + timedelta(days=7)),
        delivered_at=delivered,
        currency="USD" if account.country == "US" else "EUR",
        channel=None if n % 47 == 11 else channel,
        campaign_id=rng.choice(running) if running and rng.random() < 0.25 else None,
        country=account.country,
        province=None if n % 33 == 7 else account.province,
        shipping_amount=None if channel == "marketplace" else shipping,
        source_updated_at=min(delivered or shipped or instant + timedelta(hours=1), AS_OF).astimezone(instant.tzinfo),
        is_deleted=want.is_deleted,
        is_test=want.is_test,
    )


def _status(rng: Random, instant: datetime) -> str:
    chance = rng.random()
    for share, status in ((0.045, "cancelled"), (0.06, "draft"), (0.065, "unavailable")):
        if chance < share:
            return status
    age = (AS_OF - instant).days
    if age < 4:
        return "confirmed"
    return "shipped" if age < 12 or rng.random() < 0.01 else "delivered"


def _journey(rng: Random, day: date, status: str) -> tuple[datetime | None, datetime | None]:
    """Return when an order of `day` was shipped and delivered: within the next 3 and 11 days, always before as_of."""
    shipped = office_time(rng, day + timedelta(days=rng.randrange(1, 4)))
    delivered = shipped + timedelta(days=rng.randrange(1, 8))
    return (
        shipped if status in ("shipped", "delivered") and shipped < AS_OF else None,
        delivered if status == "delivered" and delivered < AS_OF else None,
    )
