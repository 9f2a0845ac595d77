"""The rows about markets and competitors. The fields of a class are the columns of its file, in order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class MarketSize:
    """How large somebody says that a market is."""

    market_size_id: str
    period_start: date
    period_grain: str
    country: str | None
    province: str | None
    segment: str | None
    unit: str
    size: Decimal
    currency: str | None
    publisher: str
    published_on: date


@dataclass(frozen=True)
class CompetitorObservation:
    """What somebody saw of a competitor."""

    observation_id: str
    competitor: str
    observed_on: date
    kind: str
    product_id: str | None
    country: str | None
    province: str | None
    value: Decimal | None
    currency: str | None
    note: str | None
