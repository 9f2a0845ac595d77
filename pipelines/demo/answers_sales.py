"""The known answers about sales and payments in the reporting currency: sums of cents, and what they are exactly."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipelines.demo.calendar import all_periods, local_day, period_keys
from pipelines.demo.customers import NOT_SOLD, Population
from pipelines.demo.model import Company, Order, OrderLine, Product
from pipelines.demo.money import Rates, booked, cents
from pipelines.demo.totals import UNKNOWN, Totals, add, exact, in_cents, written

_BUCKETS = ("deleted", "test", *NOT_SOLD)
_GRAINS = ("month", "quarter", "year")


@dataclass(frozen=True)
class _SoldLine:
    """A line of an order that counts: its exact amounts, and the order's cents that are its own."""

    order: Order
    line: OrderLine
    product: Product | None
    revenue_exact: Decimal
    revenue: Decimal
    cost_exact: Decimal
    cost: Decimal


def orders_by_status(company: Company, population: Population) -> dict[str, int]:
    """Return status -> number of orders that are neither test nor deleted."""
    counts = Counter(o.status for o in company.orders if population.bucket(o) not in ("deleted", "test"))
    return dict(sorted(counts.items()))


def sales(company: Company, population: Population) -> dict[str, dict[str, dict]]:
    """Return grain -> period -> the figures of the sales summary."""
    sums = _Sums()
    for order in company.orders:
        if population.bucket(order) is None:
            sums.order(order, population.customer[order.account_id])
    for sold in _sold_lines(company, population):
        sums.line(sold)
    first = {customer: period_keys(days[0]) for customer, days in population.purchases.items()}
    new = {grain: Counter(keys[grain] for keys in first.values()) for grain in _GRAINS}
    return {
        grain: {key: sums.figures(grain, key) | {"new_customers": new[grain][key]} for key in keys}
        for grain, keys in all_periods().items()
    }


def revenue_breakdowns(company: Company, population: Population) -> dict[str, dict]:
    """Return dimension -> grain -> period -> member -> revenue; a region is written country|province."""
    dimensions = ("product_line", "product", "region", "channel")
    totals: dict[str, dict[str, Totals]] = {d: {"revenue": {}, "revenue_exact": {}} for d in dimensions}
    for sold in _sold_lines(company, population):
        order, product = sold.order, sold.product
        members = {
            "product_line": product.product_line if product else UNKNOWN,
            "product": product.product_id if product else UNKNOWN,
            "region": f"{order.country or UNKNOWN}|{order.province or UNKNOWN}",
            "channel": order.channel or UNKNOWN,
        }
        periods = period_keys(local_day(order.ordered_at))
        for dimension, member in members.items():
            add(totals[dimension]["revenue"], periods, member, sold.revenue)
            add(totals[dimension]["revenue_exact"], periods, member, sold.revenue_exact)
    return {dimension: written(found, ("month", "year")) for dimension, found in totals.items()}


def excluded_revenue(company: Company, population: Population) -> dict[str, dict]:
    """Return month -> bucket -> exact revenue of the good order lines that is not sales, every bucket named."""
    rates, totals = Rates(company.exchange_rates), {}
    orders = {o.order_id: o for o in company.orders}
    for line in company.order_lines:
        order = orders[line.order_id]
        if bucket := population.bucket(order):
            amount = line.revenue * rates.at(order.currency, order.ordered_at)
            add(totals, period_keys(local_day(order.ordered_at)), bucket, amount)
    for key in all_periods()["month"]:
        for bucket in _BUCKETS:
            add(totals, {"month": key}, bucket, Decimal(0))
    return written({"revenue_exact": totals}, ("month",))["month"]


def payments(company: Company, population: Population) -> dict[str, dict]:
    """Return `by_method` and `excluded` (buckets deleted and test): month of payment -> member -> amount.

    Money is converted at the rate of the local day of the payment. Payments of cancelled orders are money received.
    """
    rates, orders = Rates(company.exchange_rates), {o.order_id: o for o in company.orders}
    received: dict[str, Totals] = {"amount": {}, "amount_exact": {}}
    excluded: dict[str, Totals] = {"amount_exact": {}}
    for payment in company.payments:
        bucket = population.bucket(orders[payment.order_id]) if payment.order_id else None
        if bucket != "deleted" and payment.account_id in population.test_accounts:
            bucket = "test"
        amount = payment.amount * rates.at(payment.currency, payment.paid_at)
        month = period_keys(local_day(payment.paid_at))
        if bucket in ("deleted", "test"):
            add(excluded["amount_exact"], month, bucket, amount)
        else:
            add(received["amount"], month, payment.method or UNKNOWN, cents(amount))
            add(received["amount_exact"], month, payment.method or UNKNOWN, amount)
    return {
        "by_method": written(received, ("month",))["month"],
        "excluded": written(excluded, ("month",))["month"],
    }


def _sold_lines(company: Company, population: Population) -> Iterator[_SoldLine]:
    """Yield the lines of the orders that count, each order's by their ids, as its cents are allotted."""
    products, rates = {p.product_id: p for p in company.products}, Rates(company.exchange_rates)
    lines: dict[str, list[OrderLine]] = {}
    for line in sorted(company.order_lines, key=lambda found: found.order_line_id):
        lines.setdefault(line.order_id, []).append(line)
    for order in company.orders:
        if population.bucket(order) is None:
            rate, found = rates.at(order.currency, order.ordered_at), lines.get(order.order_id, [])
            revenue = [line.revenue * rate for line in found]
            cost = [_cost(order, line, products, rates) for line in found]
            for line, *amounts in zip(found, revenue, booked(revenue), cost, booked(cost), strict=True):
                yield _SoldLine(order, line, products.get(line.product_id), *amounts)


def _cost(order: Order, line: OrderLine, products: dict[str, Product], rates: Rates) -> Decimal:
    """Return the exact cost of a line: by its own unit cost in the order's currency, else by the product's."""
    if line.unit_cost is not None:
        return line.quantity * line.unit_cost * rates.at(order.currency, order.ordered_at)
    product = products[line.product_id]
    return line.quantity * product.unit_cost * rates.at(product.currency, order.ordered_at)


class _Sums:
    """The sales figures of every period."""

    def __init__(self) -> None:
        self._totals: Totals = {}
        self._customers: dict[tuple[str, str], set[str]] = {}

    def order(self, order: Order, customer: str) -> None:
        periods = period_keys(local_day(order.ordered_at))
        add(self._totals, periods, "orders", Decimal(1))
        for period in periods.items():
            self._customers.setdefault(period, set()).add(customer)

    def line(self, sold: _SoldLine) -> None:
        periods = period_keys(local_day(sold.order.ordered_at))
        for measure in ("revenue", "revenue_exact", "cost", "cost_exact"):
            add(self._totals, periods, measure, getattr(sold, measure))
        add(self._totals, periods, "units", sold.line.quantity)

    def figures(self, grain: str, key: str) -> dict[str, str | int]:
        found = {m: Decimal(0) for m in ("revenue", "revenue_exact", "cost", "cost_exact", "units", "orders")}
        found |= self._totals.get(grain, {}).get(key, {})
        return {
            "revenue": in_cents(found["revenue"]),
            "revenue_exact": exact(found["revenue_exact"]),
            "units": exact(found["units"]),
            "cost": in_cents(found["cost"]),
            "cost_exact": exact(found["cost_exact"]),
            "gross_profit": in_cents(found["revenue"] - found["cost"]),
            "gross_profit_exact": exact(found["revenue_exact"] - found["cost_exact"]),
            "orders": int(found["orders"]),
            "customers": len(self._customers.get((grain, key), ())),
        }
