"""What is known of the company after each night, worked out from its rows and from nothing else."""

from collections import Counter
from decimal import Decimal

from pipelines.demo.answers_sales import orders_by_status, sold_lines
from pipelines.demo.calendar import local_day
from pipelines.demo.customers import Population
from pipelines.demo.model import Company
from pipelines.demo.nights import MEANINGS, SHARES, Night
from pipelines.demo.size import Size


def night_answers(first: Company, nights: list[Night], size: Size) -> dict:
    """Return the shares of rows that change each night, and after each night what was delivered and what is known.

    `figures` are those of all branches; `change` is what they differ by from those of the night before. Amounts are
    sums of cents in the reporting currency, as text.
    """
    branches, known = size.branches, len(first.activities)

    def figures(company: Company) -> dict:
        activities = known * size.activities + (len(company.activities) - known) * branches
        return _figures(company, branches) | {"activities": activities}

    before, found = figures(first), []
    figures_at_first = before
    for night in nights:
        after = figures(night.company)
        found.append(
            {
                "night": night.number,
                "as_of": night.as_of.isoformat(),
                "rows": {entity: len(rows) * branches for entity, rows in night.rows.items()},
                "changes": {name: count * branches for name, count in night.counts.items()},
                "figures": after,
                "change": _change(before, after),
            }
        )
        before = after
    return {
        "shares": {name: {"share": str(share), "of": MEANINGS[name]} for name, share in SHARES.items()},
        "before": figures_at_first,
        "after": found,
    }


def _figures(company: Company, branches: int) -> dict:
    """Return what can be held against published figures: sales by month, orders by status, and customers."""
    population = Population(company)
    revenue: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for sold in sold_lines(company, population):
        revenue[f"{local_day(sold.order.ordered_at):%Y-%m}"] += sold.revenue
    for order in company.orders:
        if population.bucket(order) is None:
            orders[f"{local_day(order.ordered_at):%Y-%m}"] += 1
    statuses = orders_by_status(company, population)
    return {
        "orders": sum(orders.values()) * branches,
        "revenue": _cents(sum(revenue.values(), Decimal(0)) * branches),
        "customers": len(population.first_seen()) * branches,
        "orders_by_status": {status: count * branches for status, count in statuses.items()},
        "by_month": {
            month: {"orders": orders[month] * branches, "revenue": _cents(revenue[month] * branches)}
            for month in sorted(orders)
        },
    }


def _change(before: dict, after: dict) -> dict:
    """Return what the figures of all rows and of the months that changed differ by."""
    nothing = {"orders": 0, "revenue": "0.00"}
    months = {
        month: _difference(before["by_month"].get(month, nothing), figures)
        for month, figures in after["by_month"].items()
        if before["by_month"].get(month, nothing) != figures
    }
    return _difference(before, after) | {
        "customers": after["customers"] - before["customers"],
        "activities": after["activities"] - before["activities"],
        "by_month": months,
    }


def _difference(before: dict, after: dict) -> dict:
    return {
        "orders": after["orders"] - before["orders"],
        "revenue": _cents(Decimal(after["revenue"]) - Decimal(before["revenue"])),
    }


def _cents(amount: Decimal) -> str:
    return f"{amount:.2f}"
