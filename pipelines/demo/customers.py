"""Which accounts are one customer, which orders count, and the customer base they make."""

from collections.abc import Iterable
from datetime import date, timedelta

from pipelines.demo.calendar import FIRST_DAY, local_day, month_ends
from pipelines.demo.kept import ACTIVE_DAYS, CHURN_DAYS, contract_spans, is_kept, state_of
from pipelines.demo.model import Account, Company, Order

__all__ = ["ACTIVE_DAYS", "CHURN_DAYS", "NOT_SOLD", "Population", "customer_base", "customers_of"]

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
        tested = self.test_accounts
        counting = {account: customer for account, customer in self.customer.items() if account not in tested}
        self.contracts = contract_spans(company.subscriptions, counting)

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
        there = _active_between(population, start, end)
        new = {c for c, days in population.purchases.items() if start <= days[0] <= end}
        base[f"{end:%Y-%m}"] = {
            "opening_active": len(opening["active"]),
            "new": len(new),
            "reactivated": len(there - new - opening["active"]),
            "lapsed": len((opening["active"] | there) - closing["active"]),
            "closing_active": len(closing["active"]),
            "silent": len(closing["silent"]),
            "churned": len(closing["churned"]),
            "prospects": len(closing["prospect"]),
        }
        opening = closing
    return base


def _active_between(population: Population, start: date, end: date) -> set[str]:
    """Return who bought, or was kept by a contract, from `start` to `end`."""
    return {
        customer
        for customer, days in population.purchases.items()
        if any(start <= day <= end for day in days) or is_kept(days, population.contracts.get(customer, []), start, end)
    }


def _states(population: Population, first_seen: dict[str, date], end: date) -> dict[str, set[str]]:
    """Return state -> the customers in it at the end of the day `end`."""
    states: dict[str, set[str]] = {"active": set(), "silent": set(), "churned": set(), "prospect": set()}
    for customer, seen in first_seen.items():
        state = state_of(population.purchases.get(customer, []), population.contracts.get(customer, []), end)
        if state:
            states[state].add(customer)
        elif seen <= end:
            states["prospect"].add(customer)
    return states
