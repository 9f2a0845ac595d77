"""The rows about people and deals. The fields of a class are the columns of its file, in order."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Team:
    """A team of users; the figures of a team with a parent belong to the parent too."""

    team_id: str
    name: str
    parent_team_id: str | None
    region: str


@dataclass(frozen=True)
class User:
    """Somebody who works at the company."""

    user_id: str
    name: str
    email: str
    team_id: str | None
    role: str
    manager_user_id: str | None
    is_active: bool
    hired_on: date
    left_on: date | None
    weekly_hours: Decimal


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
    birth_date: date | None = None
    gender: str | None = None
    tags: str | None = None
    campaign_id: str | None = None
    owner_user_id: str | None = None
    is_deleted: bool = False
    is_test: bool = False


@dataclass(frozen=True)
class Contact:
    """Somebody to talk to at an organisation."""

    contact_id: str
    account_id: str
    name: str
    email: str
    job_title: str | None
    do_not_contact: bool
    created_at: datetime


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
class Stage:
    """A stage of a pipeline, as it is declared today."""

    pipeline: str
    stage: str
    position: int
    kind: str
    default_probability: Decimal


@dataclass(frozen=True)
class Opportunity:
    """A deal being negotiated, as it is now."""

    opportunity_id: str
    account_id: str
    lead_id: str | None
    owner_user_id: str
    name: str
    pipeline: str
    stage: str
    amount: Decimal | None
    currency: str
    probability: Decimal | None
    expected_close_on: date
    created_at: datetime
    closed_at: datetime | None
    outcome: str
    lost_reason: str | None
    channel: str | None
    campaign_id: str | None
    competitor: str | None
    product_id: str | None
    is_deleted: bool = False
    is_test: bool = False


@dataclass(frozen=True)
class OpportunityStageChange:
    """What a deal became at an instant; `from_stage` equals `to_stage` if only the other columns changed."""

    change_id: str
    opportunity_id: str
    changed_at: datetime
    from_stage: str | None
    to_stage: str
    amount: Decimal | None
    probability: Decimal | None
    expected_close_on: date
    changed_by: str


@dataclass(frozen=True)
class Activity:
    """One contact between the company and somebody else."""

    activity_id: str
    kind: str
    direction: str | None
    account_id: str | None
    contact_id: str | None
    lead_id: str | None
    opportunity_id: str | None
    user_id: str
    occurred_at: datetime
    duration_seconds: int | None = None
    opened_at: datetime | None = None
    replied_at: datetime | None = None
    outcome: str | None = None
    subject: str | None = None
