"""The rows about what is sold and paid. The fields of a class are the columns of its file, in order."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Product:
    """Something the company sells; list price and unit cost in `currency`."""

    product_id: str
    name: str
    product_line: str
    category: str
    list_price: Decimal
    unit_cost: Decimal
    currency: str


@dataclass(frozen=True)
class ExchangeRate:
    """One unit of `from_currency` is `rate` units of `to_currency` from the local day `valid_from`."""

    from_currency: str
    to_currency: str
    valid_from: date
    rate: Decimal


@dataclass(frozen=True)
class Order:
    """An order; `source_status` is the shop's own word for `status`."""

    order_id: str
    account_id: str
    opportunity_id: str | None
    owner_user_id: str | None
    ordered_at: datetime
    status: str
    source_status: str
    shipped_at: datetime | None
    promised_at: datetime
    delivered_at: datetime | None
    currency: str
    channel: str | None
    campaign_id: str | None
    country: str
    province: str | None
    shipping_amount: Decimal | None
    source_updated_at: datetime
    is_deleted: bool = False
    is_test: bool = False


@dataclass(frozen=True)
class OrderLine:
    """A line of an order, in the order's currency. Its revenue is quantity x unit_price - discount_amount, exactly."""

    order_line_id: str
    order_id: str
    product_id: str
    quantity: Decimal
    unit_price: Decimal
    discount_amount: Decimal | None
    tax_amount: Decimal
    unit_cost: Decimal | None
    shipping_amount: Decimal | None

    @property
    def revenue(self) -> Decimal:
        """The exact revenue of the line, in the order's currency."""
        return self.quantity * self.unit_price - (self.discount_amount or 0)


@dataclass(frozen=True)
class ReturnLine:
    """Goods of an order line that came back; without an amount they are worth what was paid for them."""

    return_id: str
    order_line_id: str
    returned_at: datetime
    quantity: Decimal
    amount: Decimal | None
    reason: str | None
    carrier: str | None


@dataclass(frozen=True)
class Invoice:
    """What was billed for an order; a credit note has a negative amount."""

    invoice_id: str
    order_id: str
    account_id: str
    issued_on: date
    due_on: date | None
    amount: Decimal
    currency: str
    status: str


@dataclass(frozen=True)
class Payment:
    """Money received."""

    payment_id: str
    order_id: str | None
    invoice_id: str | None
    account_id: str | None
    paid_at: datetime
    amount: Decimal
    currency: str
    method: str | None


@dataclass(frozen=True)
class Subscription:
    """A contract: `ends_on` is its last day, `cancelled_on` the first day on which it no longer runs."""

    subscription_id: str
    account_id: str
    starts_on: date
    ends_on: date | None
    cancelled_on: date | None
    cancel_reason: str | None
    monthly_amount: Decimal
    currency: str


@dataclass(frozen=True)
class Target:
    """What a user, a team or the company is meant to reach in a period."""

    target_id: str
    level: str
    member_id: str | None
    metric: str
    period_grain: str
    period_start: date
    amount: Decimal
    currency: str
