"""The subscriptions of Alder & Finch: organisations and people who rent their equipment by the month."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import AS_OF, local_day
from pipelines.demo.model import Account, Order, Subscription

_STORIES = (
    "running", "renewed up", "cancelled price", "ended", "renewed down", "running", "cancelled moved",
    "renewed twice", "cancelled competitor", "running", "cancelled", "ending",
)  # fmt: skip
_RENEWALS = {"renewed up": 1, "renewed down": 1, "renewed twice": 2}
_TERM = 365
_FIRST_START = date(2023, 1, 10)
_LAST_START = date(2025, 10, 1)
_TODAY = local_day(AS_OF) - timedelta(days=1)


def make_subscriptions(
    rng: Random, count: int, accounts: tuple[Account, ...], orders: tuple[Order, ...]
) -> tuple[Subscription, ...]:
    """Return about `count` contracts by their start: mostly of accounts with orders, every seventh of one without.

    One is of a test account. A renewal starts within ten days of the end, at another price.
    """
    bought: dict[str, date] = {}
    for order in orders:
        bought.setdefault(order.account_id, local_day(order.ordered_at))
    known = {a.account_id: max(bought.get(a.account_id, local_day(a.created_at)), _FIRST_START) for a in accounts}
    usual = [a for a in accounts if not (a.is_test or a.is_deleted)]
    buyers = [a for a in usual if a.account_id in bought]
    others = [a for a in usual if a.account_id not in bought]
    rng.shuffle(buyers)
    rng.shuffle(others)
    found: list[Subscription] = []
    chains = 0
    while len(found) < count:
        story = _STORIES[chains % len(_STORIES)]
        latest = _TODAY - timedelta(days=_TERM + 20) if story not in ("running", "ending") else _LAST_START
        pool = others if chains % 7 == 3 else buyers
        account = next(a for a in pool if known[a.account_id] < latest)
        pool.remove(account)
        starts = known[account.account_id] + timedelta(days=rng.randrange((latest - known[account.account_id]).days))
        found += _chain(rng, story, account, starts)
        chains += 1
    tested = next(a for a in accounts if a.is_test)
    found += _chain(rng, "running", tested, date(2023, 6, 1))
    found.sort(key=lambda s: (s.starts_on, s.account_id))
    return tuple(replace(s, subscription_id=f"B{n:05}") for n, s in enumerate(found, start=1))


def _chain(rng: Random, story: str, account: Account, starts: date) -> list[Subscription]:
    """Return one account's contract and its renewals, as far as they have begun."""
    first = Subscription(
        subscription_id="",
        account_id=account.account_id,
        starts_on=starts,
        ends_on=None if story == "running" else starts + timedelta(days=_TERM - 1),
        cancelled_on=None,
        cancel_reason=None,
        monthly_amount=Decimal(rng.randrange(1900, 60_000, 100)).scaleb(-2),
        currency="USD" if account.country == "US" else "EUR",
    )
    if story == "ending":
        return [replace(first, ends_on=_TODAY + timedelta(days=rng.randrange(20, 300)))]
    if story.startswith("cancelled"):
        cancelled = starts + timedelta(days=rng.randrange(40, _TERM - 30))
        return [replace(first, cancelled_on=cancelled, cancel_reason=story.removeprefix("cancelled").strip() or None)]
    chain = [first]
    for _ in range(_RENEWALS.get(story, 0)):
        chain.append(_renewal(rng, chain[-1], story))
    return [contract for contract in chain if contract.starts_on <= _TODAY]


def _renewal(rng: Random, last: Subscription, story: str) -> Subscription:
    down = story == "renewed down"
    starts = last.ends_on + timedelta(days=rng.randrange(2, 11) if down else 1)
    factor = Decimal(rng.choice(("0.7", "0.9") if down else ("1.05", "1.2")))
    amount = (last.monthly_amount * factor).quantize(Decimal("0.01"))
    return replace(last, starts_on=starts, ends_on=starts + timedelta(days=_TERM - 1), monthly_amount=amount)
