"""The known answers about customers who left: when, why, and what they did before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pipelines.demo.calendar import LAST_DAY, local_day, period_keys
from pipelines.demo.customer_events import CustomerEvents
from pipelines.demo.kept import ACTIVE_DAYS, CHURN_DAYS, Span
from pipelines.demo.model import Subscription
from pipelines.demo.totals import UNKNOWN

NO_PURCHASE, CONTRACT_END = "no_purchase", "contract_end"
WINDOW_DAYS = 90
VALUE_DAYS = 365


@dataclass(frozen=True)
class Churn:
    """A customer who left on a day, and the day of the last order before it."""

    churned_on: date
    ended_by: str
    last_order_on: date


def churns(purchases: list[date], contracts: list[Span], last: date) -> Iterator[Churn]:
    """Yield, in order, when somebody left up to the end of the day `last`.

    `contracts` are unbroken runs of contracts, each with the first day after it. A purchase keeps a customer for
    ACTIVE_DAYS, a contract while it runs. Whom a contract kept to the end leaves with it; others leave when
    CHURN_DAYS have passed since the last purchase, unless they come back before.
    """
    if not purchases:
        return
    first = min(purchases)
    kept = [(day, day + timedelta(days=ACTIVE_DAYS + 1)) for day in purchases]
    kept += [(max(start, first), end) for start, end in contracts if end > first]
    spells = list(_joined(kept))
    returns = [start for start, _ in spells[1:]] + [date.max]
    for (_, until), back in zip(spells, returns, strict=True):
        bought = max(day for day in purchases if day < until)
        if until > bought + timedelta(days=ACTIVE_DAYS + 1):
            left, reason = until, CONTRACT_END
        else:
            left, reason = bought + timedelta(days=CHURN_DAYS + 1), NO_PURCHASE
        if left < back and left <= last:
            yield Churn(left, reason, bought)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans with those joined that overlap or touch."""
    start = end = None
    for begun, ended in sorted(spans):
        if end is not None and begun <= end:
            end = max(end, ended)
            continue
        if start is not None:
            yield start, end
        start, end = begun, ended
    if start is not None:
        yield start, end


def customer_churn(events: CustomerEvents) -> dict[str, dict[str, dict]]:
    """Return customer -> day of leaving -> why, and what was in the 90 days up to the last order and before."""
    return {
        customer: {churn.churned_on.isoformat(): _story(events, customer, churn) for churn in found}
        for customer, found in _left(events).items()
    }


def churn_reasons(events: CustomerEvents) -> dict[str, dict[str, dict]]:
    """Return grain -> period of leaving -> reason -> customers, and what they had spent in their last year."""
    groups: dict[tuple[str, str, str], list[tuple[str, Decimal]]] = {}
    for customer, found in _left(events).items():
        for churn in found:
            lost = _revenue(events, customer, churn.last_order_on, VALUE_DAYS)
            for grain, key in period_keys(churn.churned_on).items():
                groups.setdefault((grain, key, _reason(events, customer, churn)), []).append((customer, lost))
    answers: dict[str, dict[str, dict]] = {"month": {}, "quarter": {}, "year": {}}
    for (grain, key, reason), members in sorted(groups.items()):
        answers[grain].setdefault(key, {})[reason] = {
            "customers": len({customer for customer, _ in members}),
            "revenue_lost": f"{sum((lost for _, lost in members), Decimal(0)):.2f}",
        }
    return answers


def _left(events: CustomerEvents) -> dict[str, list[Churn]]:
    contracts = events.population.contracts
    found = {c: list(churns(days, contracts.get(c, []), LAST_DAY)) for c, days in events.population.purchases.items()}
    return {customer: churned for customer, churned in sorted(found.items()) if churned}


def _reason(events: CustomerEvents, customer: str, churn: Churn) -> str:
    """Return what was said when the contract was cancelled with which the customer left."""
    if churn.ended_by != CONTRACT_END:
        return UNKNOWN
    ended = [c for c in events.contracts.get(customer, []) if day_after(c) == churn.churned_on]
    return min((contract.cancel_reason for contract in ended if contract.cancel_reason), default=UNKNOWN)


def day_after(contract: Subscription) -> date:
    """Return the first day on which a contract no longer runs."""
    last = contract.ends_on + timedelta(days=1) if contract.ends_on else date.max
    return min(last, contract.cancelled_on or date.max)


def _story(events: CustomerEvents, customer: str, churn: Churn) -> dict[str, str | int]:
    end = churn.last_order_on
    days = {
        "orders": [sale.day for sale in events.sales[customer]],
        "tickets": [local_day(ticket.created_at) for ticket in events.tickets.get(customer, [])],
        "interactions": [local_day(a.occurred_at) for a in events.activities.get(customer, [])],
    }
    story: dict[str, str | int] = {
        "reason": _reason(events, customer, churn),
        "ended_by": churn.ended_by,
        "last_order_on": end.isoformat(),
    }
    middle = end - timedelta(days=WINDOW_DAYS)
    for name, day in (("last_90_days", end), ("prior_90_days", middle)):
        story |= {f"{what}_{name}": _count(found, day, WINDOW_DAYS) for what, found in days.items()}
        story[f"revenue_{name}"] = f"{_revenue(events, customer, day, WINDOW_DAYS):.2f}"
    for what in ("tickets", "interactions"):
        story[f"{what}_since_last_order"] = sum(end < day < churn.churned_on for day in days[what])
    return story


def _count(days: list[date], end: date, length: int) -> int:
    """Return how many of the days are among the `length` days that end with `end`."""
    return sum(end - timedelta(days=length) < day <= end for day in days)


def _revenue(events: CustomerEvents, customer: str, end: date, length: int) -> Decimal:
    since = end - timedelta(days=length)
    return sum((sale.revenue for sale in events.sales[customer] if since < sale.day <= end), Decimal(0))
