"""The lines of the demo's orders. Amounts are in the order's currency."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from pipelines.demo.catalogue import METRE_GOODS
from pipelines.demo.model import Account, Order, OrderLine, Product
from pipelines.demo.money import cents

UNKNOWN_PRODUCT = "P999"
_EUR_IN_USD = Decimal("1.09")
_LINE_COUNTS = (34, 30, 20, 10, 6)
_TAX = Decimal("0.19")


def make_lines(
    rng: Random, orders: tuple[Order, ...], products: tuple[Product, ...], accounts: tuple[Account, ...]
) -> tuple[OrderLine, ...]:
    """Return one to five lines for every order; organisations buy by the dozen.

    Every 250th line has a unit price of four decimals, and one line that is sold names a product that nobody knows.
    """
    organisations = {a.account_id for a in accounts if a.tax_id}
    popularity = [rng.randrange(1, 12) for _ in products]
    lines: list[OrderLine] = []
    for order in orders:
        for product in rng.choices(products, popularity, k=rng.choices(range(1, 6), _LINE_COUNTS)[0]):
            bulk = order.account_id in organisations
            lines.append(_line(rng, len(lines) + 1, order, product, bulk))
    tests = {a.account_id for a in accounts if a.is_test}
    sold = {
        o.order_id
        for o in orders
        if o.status == "delivered" and not (o.is_test or o.is_deleted or o.account_id in tests)
    }
    first = next(n for n, line in enumerate(lines) if line.order_id in sold)
    # The line has a cost of its own, since there is no product to give it one.
    lines[first] = replace(lines[first], product_id=UNKNOWN_PRODUCT, unit_cost=cents(lines[first].unit_price / 2))
    return tuple(lines)


def _line(rng: Random, number: int, order: Order, product: Product, bulk: bool) -> OrderLine:
    dollars = order.currency == "USD"
    price = cents(product.list_price * _EUR_IN_USD) if dollars else product.list_price
    if product.product_line == METRE_GOODS:
        quantity = Decimal(rng.randrange(4, 240)) / 4
    else:
        quantity = Decimal(rng.randrange(4, 25) if bulk else rng.choice((1, 1, 1, 2, 2, 3)))
    if number % 250 == 40:
        # Four decimals of price need a whole quantity: the contract keeps four decimals of revenue.
        quantity = Decimal(quantity.to_integral_value())
        price += Decimal(rng.randrange(1, 100)).scaleb(-4)
    discount = cents(quantity * price * rng.choice((5, 10, 15)) / 100) if rng.random() < 0.2 else None
    own_cost = rng.random() < 0.15
    return OrderLine(
        order_line_id=f"L{number:06}",
        order_id=order.order_id,
        product_id=product.product_id,
        quantity=quantity,
        unit_price=price,
        discount_amount=discount,
        tax_amount=cents((quantity * price - (discount or 0)) * _TAX),
        unit_cost=cents(product.unit_cost * (_EUR_IN_USD if dollars else 1)) if own_cost else None,
        shipping_amount=Decimal("6.90") if order.shipping_amount is None else None,
    )


def amounts_due(orders: tuple[Order, ...], lines: tuple[OrderLine, ...]) -> dict[str, Decimal]:
    """Return order -> its lines and shipping in cents, without tax, in the order's currency."""
    due = {order.order_id: order.shipping_amount or Decimal(0) for order in orders}
    for line in lines:
        due[line.order_id] += line.revenue + (line.shipping_amount or 0)
    return {order_id: cents(amount) for order_id, amount in due.items()}
