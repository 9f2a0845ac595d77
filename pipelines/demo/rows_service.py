"""The rows of the service desk. The fields of a class are the columns of its file, in order."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class TicketEvent:
    """Something that happened to a ticket."""

    event_id: str
    ticket_id: str
    occurred_at: datetime
    kind: str
    actor: str
    actor_user_id: str | None = None
    from_value: str | None = None
    to_value: str | None = None
    handle_seconds: int | None = None


@dataclass(frozen=True)
class SlaPolicy:
    """What is promised about tickets of a priority, while it is valid."""

    policy_id: str
    name: str
    priority: str | None
    metric: str
    target_minutes: int
    clock: str
    schedule_id: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True)
class BusinessSchedule:
    """Opening hours of a weekday, local times, while they are valid; `valid_to` is the first day without them."""

    schedule_id: str
    weekday: int
    opens: str
    closes: str
    time_zone: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class Holiday:
    """A day with hours of its own, or with none."""

    schedule_id: str
    date: date
    opens: str | None
    closes: str | None
    name: str


@dataclass(frozen=True)
class ServiceCost:
    """What service cost in a period."""

    service_cost_id: str
    period_start: date
    period_grain: str
    team_id: str | None
    user_id: str | None
    category: str
    amount: Decimal
    currency: str
