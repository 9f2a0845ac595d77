"""The days on which contracts keep their customers, and what a purchase history and contracts make of a customer."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from pipelines.demo.model import Subscription

ACTIVE_DAYS = 90
CHURN_DAYS = 365
RENEWAL_GRACE_DAYS = 30

Span = tuple[date, date]


def contract_spans(subscriptions: Iterable[Subscription], customer: Mapping[str, str]) -> dict[str, list[Span]]:
    """Return customer -> first day of each unbroken run of contracts, and the first day after it.

    A contract that begins at most RENEWAL_GRACE_DAYS after the end of another goes on with it. Accounts that
    `customer` does not name have no contracts that count.
    """
    found: dict[str, list[Span]] = {}
    for contract in sorted(subscriptions, key=lambda s: s.starts_on):
        start, end = contract.starts_on, _day_after(contract)
        if contract.account_id not in customer or end <= start:
            continue
        spans = found.setdefault(customer[contract.account_id], [])
        if spans and (start - spans[-1][1]).days <= RENEWAL_GRACE_DAYS:
            start, last_end = spans.pop()
            end = max(end, last_end)
        spans.append((start, end))
    return found


def state_of(purchases: list[date], spans: list[Span], day: date) -> str | None:
    """Return active, silent or churned: the state at the end of `day`; None before the first purchase."""
    bought = [purchase for purchase in purchases if purchase <= day]
    if not bought:
        return None
    age = (day - max(bought)).days
    begun = [end for start, end in spans if start <= day and end > min(bought)]
    if age <= ACTIVE_DAYS or any(end > day for end in begun):
        return "active"
    left = any(end > max(bought) + timedelta(days=ACTIVE_DAYS + 1) for end in begun)
    return "churned" if left or age > CHURN_DAYS else "silent"


def is_kept(purchases: list[date], spans: list[Span], first: date, last: date) -> bool:
    """Return whether a contract keeps the customer active on some day from `first` to `last`, both included."""
    if not purchases:
        return False
    kept = [(max(start, min(purchases)), end) for start, end in spans]
    return any(start < end and start <= last and end > first for start, end in kept)


def _day_after(contract: Subscription) -> date:
    ends = [date.max]
    if contract.ends_on:
        ends.append(contract.ends_on + timedelta(days=1))
    if contract.cancelled_on:
        ends.append(contract.cancelled_on)
    return min(ends)
