"""The rows of the demo company. The fields of a class are the columns of its file, in order."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class User:
    """Somebody who works at the company."""

    user_id: str
    name: str
    email: str
    role: str
    is_active: bool
    hired_on: date
    weekly_hours: Decimal


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
class Campaign:
    """A marketing campaign."""

    campaign_id: str
    name: str
    channel: str
    kind: str
    starts_on: date
    ends_on: date
    budget: Decimal
    currency: str
    owner_user_id: str
    status: str


@dataclass(frozen=True)
class ExchangeRate:
    """One unit of `from_currency` is `rate` units of `to_currency` from the local day `valid_from`."""

    from_currency: str
    to_currency: str
    valid_from: date
    rate: Decimal


@dataclass(frozen=True)
class Account:
    """A person or organisation as one system knows it; several accounts can be one customer."""

    account_id: str
    name: str
    account_type: str
    industry: str | None
    country: str
    province: str
    city: str
    email: str
    phone: str | None
    tax_id: str | None
    acquisition_channel: str
    created_at: datetime
    is_deleted: bool = False
    is_test: bool = False


@dataclass(frozen=True)
class Order:
    """An order; `source_status` is the shop's own word for `status`."""

    order_id: str
    account_id: str
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
class Payment:
    """Money received."""

    payment_id: str
    order_id: str | None
    account_id: str | None
    paid_at: datetime
    amount: Decimal
    currency: str
    method: str | None


@dataclass(frozen=True)
class Lead:
    """Somebody who may become a customer."""

    lead_id: str
    created_at: datetime
    channel: str | None
    campaign_id: str | None
    owner_user_id: str
    status: str
    name: str
    email: str
    first_response_at: datetime | None
    qualified_at: datetime | None
    converted_at: datetime | None
    account_id: str | None
    is_test: bool = False


@dataclass(frozen=True)
class Opportunity:
    """A deal being negotiated."""

    opportunity_id: str
    account_id: str
    lead_id: str | None
    owner_user_id: str
    name: str
    pipeline: str
    stage: str
    amount: Decimal
    currency: str
    probability: Decimal
    expected_close_on: date
    created_at: datetime
    closed_at: datetime | None
    outcome: str
    lost_reason: str | None
    channel: str | None
    campaign_id: str | None
    product_id: str | None


@dataclass(frozen=True)
class SurveyResponse:
    """A survey that was sent, and its answer if there is one. `sent_at` and `responded_at` are naive Berlin times."""

    response_id: str
    survey_kind: str
    dimension: str
    score: Decimal | None
    scale_min: Decimal
    scale_max: Decimal
    account_id: str
    order_id: str | None
    sent_at: datetime
    responded_at: datetime | None
    language: str


@dataclass(frozen=True)
class Company:
    """Everything the sources of the demo hold, before some rows are spoilt."""

    users: tuple[User, ...]
    products: tuple[Product, ...]
    campaigns: tuple[Campaign, ...]
    exchange_rates: tuple[ExchangeRate, ...]
    accounts: tuple[Account, ...]
    orders: tuple[Order, ...]
    order_lines: tuple[OrderLine, ...]
    payments: tuple[Payment, ...]
    leads: tuple[Lead, ...]
    opportunities: tuple[Opportunity, ...]
    survey_responses: tuple[SurveyResponse, ...]


ENTITIES: dict[str, type] = {
    "account": Account,
    "campaign": Campaign,
    "exchange_rate": ExchangeRate,
    "lead": Lead,
    "opportunity": Opportunity,
    "order": Order,
    "order_line": OrderLine,
    "payment": Payment,
    "product": Product,
    "survey_response": SurveyResponse,
    "user": User,
}


def plural(entity: str) -> str:
    """Return the field of Company that holds the rows of `entity`."""
    return "opportunities" if entity == "opportunity" else f"{entity}s"


def rows_of(company: Company, entity: str) -> tuple:
    """Return the rows of `entity`, in the order of its file."""
    return getattr(company, plural(entity))


def columns_of(entity: str) -> tuple[str, ...]:
    """Return the columns of the file of `entity`, in order."""
    return tuple(field.name for field in fields(ENTITIES[entity]))


def key_of(row: object) -> str:
    """Return the key of a row as the known answers write it: an id, or the parts of a longer key joined with |."""
    if isinstance(row, ExchangeRate):
        return f"{row.from_currency}|{row.to_currency}|{row.valid_from}"
    return getattr(row, fields(row)[0].name)  # type: ignore[arg-type]
