"""What Alder & Finch spends beside its campaigns and its service, and the projects it works on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import AS_OF, FIRST_DAY, LAST_DAY, local_day, month_starts
from pipelines.demo.model import Account, Cost, Project, ProjectTask

_TODAY = local_day(AS_OF)
_TRAVEL_EVERY = 3
# project, first month and length in months, budget, currency, status, manager
_PROJECTS = (
    ("J01", (2023, 3), 9, "60000", "EUR", "done", "U12"),
    ("J02", (2023, 10), 14, "95000", "EUR", "done", "U01"),
    ("J03", (2024, 6), 8, "42000", "USD", "done", "U04"),
    ("J04", (2025, 2), 16, "120000", "EUR", "running", "U12"),
    ("J05", (2025, 7), 6, None, "EUR", "running", "U03"),
    ("J06", (2025, 9), 5, "30000", "EUR", "cancelled", None),
    ("J07", (2026, 3), 6, "50000", "EUR", "planned", "U01"),
)
_LATE = "J05"
_WORKERS = ("U01", "U03", "U04", "U12", None)
_STEPS = ("plan", "build", "test", "train", "hand over")


def make_projects(rng: Random, accounts: tuple[Account, ...]) -> tuple[Project, ...]:
    """Return seven projects: three done, one in time, one late, one cancelled and one that has not begun."""
    firms = [a for a in accounts if a.account_type == "organisation" and not (a.is_test or a.is_deleted)]
    found = []
    for project_id, (year, month), months, budget, currency, status, manager in _PROJECTS:
        start = date(year, month, 1)
        end = _months_later(start, months) - timedelta(days=1)
        known = [a for a in firms if local_day(a.created_at) < start]
        found.append(
            Project(
                project_id=project_id,
                account_id=rng.choice(known).account_id if known else None,
                name=f"Project {project_id}",
                manager_user_id=manager,
                starts_on=start,
                ends_on=end,
                budget=Decimal(budget) if budget else None,
                currency=currency,
                status=status,
            )
        )
    return tuple(found)


def make_tasks(rng: Random, projects: tuple[Project, ...]) -> tuple[ProjectTask, ...]:
    """Return five tasks for each project, one after the other, with what has been done of them by now.

    Of one task nobody knows the days, of one nobody says how far it is, and one costs nothing.
    """
    tasks = [task for project in projects for task in _tasks_of(rng, project)]
    tasks[3] = replace(tasks[3], starts_on=None, ends_on=None)
    tasks[16] = replace(tasks[16], percent_complete=None)
    tasks[4] = replace(tasks[4], planned_value=Decimal("0.00"))
    return tuple(replace(task, task_id=f"K{n:03}") for n, task in enumerate(tasks, start=1))


def _tasks_of(rng: Random, project: Project) -> Iterator[ProjectTask]:
    days = (project.ends_on - project.starts_on).days + 1
    budget = project.budget or Decimal(24000)
    for n, step in enumerate(_STEPS):
        start = project.starts_on + timedelta(days=days * n // len(_STEPS))
        end = project.starts_on + timedelta(days=days * (n + 1) // len(_STEPS) - 1)
        value = (budget * rng.randrange(150, 210) / 1000).quantize(Decimal("0.01"))
        hours = Decimal(rng.randrange(400, 2400)) / 10
        begun, ended = start < _TODAY, end < _TODAY
        done = Decimal(rng.randrange(20, 80)) / 100 if begun else Decimal(0)
        if ended and project.project_id != _LATE:
            done = Decimal(1)
        share = Decimal(rng.randrange(85, 125)) / 100
        yield ProjectTask(
            task_id="",
            project_id=project.project_id,
            user_id=rng.choice(_WORKERS),
            name=f"{project.name}, {step}",
            starts_on=start,
            ends_on=end,
            planned_value=value,
            percent_complete=done,
            actual_cost=(value * done * share).quantize(Decimal("0.01")) if begun else None,
            planned_hours=hours,
            booked_hours=(hours * done * share).quantize(Decimal("0.25")) if begun else None,
            booked_on=min(end, _TODAY - timedelta(days=1)) if begun else None,
        )


def make_office_costs(
    rng: Random, count: int, accounts: tuple[Account, ...], projects: tuple[Project, ...]
) -> tuple[Cost, ...]:
    """Return rent by month, travel in USD, what projects buy, and about `count` costs for single customers.

    One is a refund, one of a test account, one a test itself, one names no cost centre and one no currency.
    """
    costs = [_cost(rng, month, "rent", 180_000, 190_000) for month in month_starts(FIRST_DAY, LAST_DAY)]
    for month in list(month_starts(FIRST_DAY, LAST_DAY))[::_TRAVEL_EVERY]:
        costs.append(replace(_cost(rng, month + timedelta(days=16), "travel", 20_000, 90_000), currency="USD"))
    begun = [project for project in projects if project.starts_on < _TODAY]
    for n, project in enumerate(begun):
        day = project.starts_on + timedelta(days=20 + n)
        costs.append(replace(_cost(rng, day, "purchase", 50_000, 400_000), project_id=project.project_id))
    ordinary = [a for a in accounts if not (a.is_test or a.is_deleted)]
    for _ in range(count):
        account = rng.choice(ordinary)
        start = max(local_day(account.created_at) + timedelta(days=1), FIRST_DAY)
        day = start + timedelta(days=rng.randrange(max(1, (_TODAY - start).days)))
        if day < _TODAY:
            costs.append(replace(_cost(rng, day, "special delivery", 900, 12_000), account_id=account.account_id))
    costs[-1] = replace(costs[-1], amount=-costs[-1].amount)
    costs[-2] = replace(costs[-2], account_id=next(a.account_id for a in accounts if a.is_test))
    costs[1] = replace(costs[1], cost_center=None)
    costs[2] = replace(costs[2], currency=None)
    costs.append(replace(costs[0], is_test=True))
    costs.sort(key=lambda c: (c.incurred_on, c.category, c.account_id or "", c.is_test))
    return tuple(replace(cost, cost_id=f"E{n:04}") for n, cost in enumerate(costs, start=1))


def _cost(rng: Random, day: date, category: str, least: int, most: int) -> Cost:
    amount = Decimal(rng.randrange(least, most)).scaleb(-2)
    return Cost("", day, category, "headquarters", None, None, amount, "EUR", False)


def _months_later(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
