"""The rows of marketing and service. The fields of a class are the columns of its file, in order."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


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
    holdout_share: Decimal | None


@dataclass(frozen=True)
class CampaignMember:
    """Somebody a campaign is for; a hold-out is deliberately left alone."""

    member_id: str
    campaign_id: str
    account_id: str | None
    lead_id: str | None
    is_holdout: bool
    invited_at: datetime | None = None
    delivered_at: datetime | None = None
    bounced_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    responded_at: datetime | None = None
    attended_at: datetime | None = None


@dataclass(frozen=True)
class CampaignCost:
    """Money spent on a campaign or, without one, on a channel."""

    cost_id: str
    campaign_id: str | None
    channel: str | None
    spent_on: date
    amount: Decimal
    currency: str
    impressions: int | None
    clicks: int | None


@dataclass(frozen=True)
class Touchpoint:
    """Somebody met the company's marketing."""

    touchpoint_id: str
    account_id: str | None
    lead_id: str | None
    channel: str | None
    campaign_id: str | None
    occurred_at: datetime


@dataclass(frozen=True)
class Ticket:
    """A request of a customer to the service, as it is now."""

    ticket_id: str
    account_id: str | None
    contact_id: str | None
    order_id: str | None
    kind: str
    category: str | None
    priority: str
    channel: str
    status: str
    subject: str
    assignee_user_id: str | None
    team_id: str | None
    created_at: datetime
    first_replied_at: datetime | None
    solved_at: datetime | None
    closed_at: datetime | None
    resolution: str | None


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
    user_id: str | None
    sent_at: datetime
    responded_at: datetime | None
    language: str
    ticket_id: str | None = None
    comment: str | None = None
