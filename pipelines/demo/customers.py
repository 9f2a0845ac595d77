"""Which accounts are one customer, which orders count, and the customer base they make."""

from collections.abc import Iterable
from datetime import date, timedelta

from pipelines.demo.calendar import FIRST_DAY, local_day, month_ends
from pipelines.demo.model import Account, Company, Order

ACTIVE_DAYS = 90
CHURN_DAYS = 365
NOT_SOLD = ("cancelled", "unavailable", "draft")


def customers_of(accounts: Iterable[Account]) -> dict[str, str]:
    """Return account id -> customer, named after its first account.

    Accounts are one customer if they share an e-mail, but for case and outer spaces, or a tax number; so are accounts
    that are linked through others.
    """
    parents: dict[str, str] = {}

    def root(account_id: str) -> str:
        while parents[account_id] != account_id:
            account_id = parents[account_id]
        return account_id

    seen: dict[tuple[str, str], str] = {}
    for account in accounts:
        parents[account.account_id] = account.account_id
        marks = [("email", account.email.strip().lower()), ("tax", account.tax_id or "")]
        for mark in marks:
            if mark[1]:
                twin = seen.setdefault(mark, account.account_id)
                first, second = sorted((root(twin), root(account.account_id)))
                parents[second] = first
    return {account_id: root(account_id) for account_id in parents}


class Population:
    """Who counts as a customer and what counts as a sale."""

    def __init__(self, company: Company) -> None:
        """Take the good rows of the company."""
        self.customer = customers_of(company.accounts)
        self.test_accounts = {a.account_id for a in company.accounts if a.is_test}
        self._accounts = company.accounts
        self.purchases: dict[str, list[date]] = {}
        for order in company.orders:
            if self.bucket(order) is None:
                self.purchases.setdefault(self.customer[order.account_id], []).append(local_day(order.ordered_at))
        for days in self.purchases.values():
            days.sort()

    def bucket(self, order: Order) -> str | None:
        """Return the name under which an order is excluded: deleted, else test, else its status; None if it counts."""
        if order.is_deleted:
            return "deleted"
        if order.is_test or order.account_id in self.test_accounts:
            return "test"
        return order.status if order.status in NOT_SOLD else None

    def first_seen(self) -> dict[str, date]:
        """Return customer -> the day its first account was created; test and deleted accounts do not count."""
        seen: dict[str, date] = {}
        for account in self._accounts:
            if not (account.is_test or account.is_deleted):
                customer, day = self.customer[account.account_id], local_day(account.created_at)
                seen[customer] = min(day, seen.get(customer, day))
        return seen


def customer_base(population: Population) -> dict[str, dict[str, int]]:
    """Return month -> how many customers were where at its end, and how they came and went during it."""
    first_seen = population.first_seen()
    base, opening = {}, _states(population, first_seen, FIRST_DAY - timedelta(days=1))
    for end in month_ends():
        start = end.replace(day=1)
        closing = _states(population, first_seen, end)
        bought = {c for c, days in population.purchases.items() if any(start <= day <= end for day in days)}
        new = {c for c in bought if population.purchases[c][0] >= start}
        base[f"{end:%Y-%m}"] = {
            "opening_active": len(opening["active"]),
            "new": len(new),
            "reactivated": len(bought - new - opening["active"]),
            "lapsed": len((opening["active"] | bought) - closing["active"]),
            "closing_active": len(closing["active"]),
            "silent": len(closing["silent"]),
            "churned": len(closing["churned"]),
            "prospects": len(closing["prospect"]),
        }
        opening = closing
    return base


def _states(population: Population, first_seen: dict[str, date], end: date) -> dict[str, set[str]]:
    """Return state -> the customers in it at the end of the day `end`."""
    states: dict[str, set[str]] = {"active": set(), "silent": set(), "churned": set(), "prospect": set()}
    for customer, seen in first_seen.items():
        days = [day for day in population.purchases.get(customer, ()) if day <= end]
        if days:
            age = (end - days[-1]).days
            states["active" if age <= ACTIVE_DAYS else "silent" if age <= CHURN_DAYS else "churned"].add(customer)
        elif seen <= end:
            states["prospect"].add(customer)
    return states
