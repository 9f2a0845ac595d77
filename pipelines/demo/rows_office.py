"""The rows of finance, projects and governance. The fields of a class are the columns of its file, in order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Cost:
    """Money spent on neither a campaign nor the service."""

    cost_id: str
    incurred_on: date
    category: str
    cost_center: str | None
    account_id: str | None
    project_id: str | None
    amount: Decimal
    currency: str | None
    is_test: bool


@dataclass(frozen=True)
class Project:
    """A piece of work with a plan and a budget."""

    project_id: str
    account_id: str | None
    name: str
    manager_user_id: str | None
    starts_on: date
    ends_on: date
    budget: Decimal | None
    currency: str
    status: str


@dataclass(frozen=True)
class ProjectTask:
    """A part of a project, what was planned for it and what became of it."""

    task_id: str
    project_id: str
    user_id: str | None
    name: str
    starts_on: date | None
    ends_on: date | None
    planned_value: Decimal
    percent_complete: Decimal | None
    actual_cost: Decimal | None
    planned_hours: Decimal
    booked_hours: Decimal | None
    booked_on: date | None


@dataclass(frozen=True)
class ReportPublication:
    """A report of a release, and when somebody first looked at it."""

    publication_id: str
    release_id: str
    report: str
    published_on: date
    first_viewed_on: date | None


@dataclass(frozen=True)
class ReportDecision:
    """Something that was decided because of a report."""

    decision_id: str
    release_id: str | None
    report: str
    decided_on: date
    decision: str
    owner: str
    due_on: date | None
    done_on: date | None
    outcome: str | None
