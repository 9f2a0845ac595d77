"""The known answers about sales and payments, added up exactly in the reporting currency."""

from collections import Counter
from decimal import Decimal

from pipelines.demo.calendar import all_periods, local_day, period_keys
from pipelines.demo.customers import NOT_SOLD, Population
from pipelines.demo.model import Company, Order, OrderLine, Product
from pipelines.demo.money import Rates
from pipelines.demo.totals import UNKNOWN, Totals, add, exact, rounded, written

_BUCKETS = ("deleted", "test", *NOT_SOLD)
_GRAINS = ("month", "quarter", "year")


def orders_by_status(company: Company, population: Population) -> dict[str, int]:
    """Return status -> number of orders that are neither test nor deleted."""
    counts = Counter(o.status for o in company.orders if population.bucket(o) not in ("deleted", "test"))
    return dict(sorted(counts.items()))


def sales(company: Company, population: Population) -> dict[str, dict[str, dict]]:
    """Return grain -> period -> the figures of the sales summary."""
    sums, products, rates = _Sums(), _products(company), Rates(company.exchange_rates)
    orders = {o.order_id: o for o in company.orders if population.bucket(o) is None}
    for order in orders.values():
        sums.order(order, population.customer[order.account_id])
    for line in company.order_lines:
        if order := orders.get(line.order_id):
            rate = rates.at(order.currency, order.ordered_at)
            sums.line(order, line, line.revenue * rate, _cost(order, line, products, rates))
    first = {customer: period_keys(days[0]) for customer, days in population.purchases.items()}
    new = {grain: Counter(keys[grain] for keys in first.values()) for grain in _GRAINS}
    return {
        grain: {key: sums.figures(grain, key) | {"new_customers": new[grain][key]} for key in keys}
        for grain, keys in all_periods().items()
    }


def revenue_breakdowns(company: Company, population: Population) -> dict[str, dict]:
    """Return dimension -> grain -> period -> member -> revenue; a region is written country|province."""
    products, rates = _products(company), Rates(company.exchange_rates)
    orders = {o.order_id: o for o in company.orders if population.bucket(o) is None}
    totals: dict[str, Totals] = {"product_line": {}, "product": {}, "region": {}, "channel": {}}
    for line in company.order_lines:
        if not (order := orders.get(line.order_id)):
            continue
        product = products.get(line.product_id)
        members = {
            "product_line": product.product_line if product else UNKNOWN,
            "product": product.product_id if product else UNKNOWN,
            "region": f"{order.country or UNKNOWN}|{order.province or UNKNOWN}",
            "channel": order.channel or UNKNOWN,
        }
        amount = line.revenue * rates.at(order.currency, order.ordered_at)
        for dimension, member in members.items():
            add(totals[dimension], period_keys(local_day(order.ordered_at)), member, amount)
    return {dimension: written(found, "revenue", ("month", "year")) for dimension, found in totals.items()}


def excluded_revenue(company: Company, population: Population) -> dict[str, dict]:
    """Return month -> bucket -> revenue of the good order lines that is not sales, every bucket named."""
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
    return written(totals, "revenue", ("month",))["month"]


def payments(company: Company, population: Population) -> dict[str, dict]:
    """Return `by_method` and `excluded` (buckets deleted and test): month of payment -> member -> amount.

    Money is converted at the rate of the local day of the payment. Payments of cancelled orders are money received.
    """
    rates, orders = Rates(company.exchange_rates), {o.order_id: o for o in company.orders}
    received: Totals = {}
    excluded: Totals = {}
    for payment in company.payments:
        bucket = population.bucket(orders[payment.order_id]) if payment.order_id else None
        if bucket != "deleted" and payment.account_id in population.test_accounts:
            bucket = "test"
        amount = payment.amount * rates.at(payment.currency, payment.paid_at)
        month = period_keys(local_day(payment.paid_at))
        if bucket in ("deleted", "test"):
            add(excluded, month, bucket, amount)
        else:
            add(received, month, payment.method or UNKNOWN, amount)
    return {
        "by_method": written(received, "amount", ("month",))["month"],
        "excluded": written(excluded, "amount", ("month",))["month"],
    }


def _products(company: Company) -> dict[str, Product]:
    return {product.product_id: product for product in company.products}


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

    def line(self, order: Order, line: OrderLine, revenue: Decimal, cost: Decimal) -> None:
        periods = period_keys(local_day(order.ordered_at))
        for measure, amount in (("revenue", revenue), ("cost", cost), ("units", line.quantity)):
            add(self._totals, periods, measure, amount)

    def figures(self, grain: str, key: str) -> dict[str, str | int]:
        found = self._totals.get(grain, {}).get(key, {})
        revenue, cost, units, orders = (found.get(m, Decimal(0)) for m in ("revenue", "cost", "units", "orders"))
        return {
            "revenue": rounded(revenue),
            "revenue_exact": exact(revenue),
            "units": exact(units),
            "cost": rounded(cost),
            "cost_exact": exact(cost),
            "gross_profit": rounded(revenue - cost),
            "gross_profit_exact": exact(revenue - cost),
            "orders": int(orders),
            "customers": len(self._customers.get((grain, key), ())),
        }
