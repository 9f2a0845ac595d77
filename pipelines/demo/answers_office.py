"""The known answers about other costs, projects, decisions about reports, and how customers buy now."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from pipelines.demo.calendar import AS_OF, local_day, period_keys
from pipelines.demo.customers import ACTIVE_DAYS, Population
from pipelines.demo.model import Company, Cost, Project, ProjectTask, ReportDecision, ReportPublication
from pipelines.demo.money import REPORTING_CURRENCY, Rates, cents

_TODAY = local_day(AS_OF)
_ADOPTED_WITHIN = timedelta(days=30)
_UNASSIGNED = "(unassigned)"
_GRAINS = ("month", "quarter", "year")


def other_costs(company: Company, population: Population) -> dict[str, dict]:
    """Return `by_period`: grain -> period -> amount, and `by_customer`: customer or (unassigned) -> amount."""
    by_period: dict[str, Counter] = {grain: Counter() for grain in _GRAINS}
    by_customer: Counter = Counter()
    for cost, amount in _counted(company, population):
        for grain, key in period_keys(cost.incurred_on).items():
            by_period[grain][key] += amount
        by_customer[population.customer[cost.account_id] if cost.account_id else _UNASSIGNED] += amount
    return {
        "by_period": {g: {k: f"{v:.2f}" for k, v in sorted(sums.items())} for g, sums in by_period.items()},
        "by_customer": {k: f"{v:.2f}" for k, v in sorted(by_customer.items())},
    }


def projects(company: Company, population: Population) -> dict[str, dict]:
    """Return project -> its earned value figures at the demo's as_of."""
    rates = Rates(company.exchange_rates)
    purchases: Counter = Counter()
    for cost, amount in _counted(company, population):
        if cost.project_id:
            purchases[cost.project_id] += amount
    tasks = defaultdict(list)
    for task in company.project_tasks:
        tasks[task.project_id].append(task)
    return {
        project.project_id: _project(project, tasks[project.project_id], purchases[project.project_id], rates)
        for project in company.projects
    }


def booked_hours(company: Company) -> dict[str, dict]:
    """Return grain -> period -> project|user -> hours booked."""
    found: dict[str, dict[str, Counter]] = {grain: {} for grain in _GRAINS}
    for task in company.project_tasks:
        if task.booked_hours and task.booked_on:
            for grain, key in period_keys(task.booked_on).items():
                member = f"{task.project_id}|{task.user_id or '(unknown)'}"
                found[grain].setdefault(key, Counter())[member] += task.booked_hours
    return {
        grain: {key: {m: f"{v:.2f}" for m, v in sorted(hours.items())} for key, hours in sorted(keys.items())}
        for grain, keys in found.items()
    }


def report_adoption(company: Company) -> dict[str, dict]:
    """Return grain -> period -> report -> published, viewed, adopted, decisions, due and done in time."""
    adopted = {
        about.publication_id
        for decision in company.report_decisions
        if (about := _about(decision, company.report_publications))
        and decision.decided_on - about.published_on <= _ADOPTED_WITHIN
    }
    cells: dict[tuple[str, str, str], Counter] = defaultdict(Counter)
    for one in company.report_publications:
        for grain, key in period_keys(one.published_on).items():
            viewed = one.first_viewed_on is not None
            cells[grain, key, one.report].update(published=1, viewed=viewed, adopted=one.publication_id in adopted)
    for decision in company.report_decisions:
        in_time = bool(decision.due_on and decision.done_on and decision.done_on <= decision.due_on)
        due = in_time or bool(decision.due_on and decision.due_on < _TODAY)
        for grain, key in period_keys(decision.decided_on).items():
            cells[grain, key, decision.report].update(decisions=1, due=due, done_in_time=in_time)
    names = ("published", "viewed", "adopted", "decisions", "due", "done_in_time")
    found: dict[str, dict] = {grain: {} for grain in _GRAINS}
    for (grain, key, report), cell in sorted(cells.items()):
        found[grain].setdefault(key, {})[report] = {name: cell[name] for name in names}
    return found


def buying_now(population: Population) -> dict[str, dict]:
    """Return customer -> days since the last order, orders of the last 90 days and of the 90 before."""
    return {customer: _buying(days) for customer, days in sorted(population.purchases.items())}


def _counted(company: Company, population: Population) -> list[tuple[Cost, Decimal]]:
    """Return the costs that count, each with its amount in cents of the reporting currency."""
    rates = Rates(company.exchange_rates)
    return [
        (cost, cents(cost.amount * rates.on(cost.currency or REPORTING_CURRENCY, cost.incurred_on)))
        for cost in company.costs
        if not cost.is_test and cost.account_id not in population.test_accounts
    ]


def _project(project: Project, tasks: list[ProjectTask], purchases: Decimal, rates: Rates) -> dict[str, object]:
    rate = rates.on(project.currency, project.starts_on)
    values = [cents(task.planned_value * rate) for task in tasks]
    planned = sum((_planned(project, t, v) for t, v in zip(tasks, values, strict=True)), Decimal(0))
    earned = sum((cents(v * (t.percent_complete or 0)) for t, v in zip(tasks, values, strict=True)), Decimal(0))
    spent = sum((cents((task.actual_cost or Decimal(0)) * rate) for task in tasks), Decimal(0))
    whole = sum(values, Decimal(0))
    behind = earned < planned or (project.ends_on < _TODAY and earned < whole)
    return {
        "budget_at_completion": f"{whole:.2f}",
        "planned_value": f"{planned:.2f}",
        "earned_value": f"{earned:.2f}",
        "task_cost": f"{spent:.2f}",
        "purchases": f"{purchases:.2f}",
        "is_late": behind and project.status != "cancelled",
    }


def _planned(project: Project, task: ProjectTask, value: Decimal) -> Decimal:
    """Return what of a task's value was planned for the days that have ended, rounded down to cents."""
    first, last = task.starts_on or project.starts_on, task.ends_on or project.ends_on
    days = (last - first).days + 1
    ended = min(max((_TODAY - first).days, 0), days)
    return Decimal(int(value * 100) * ended // days) / 100


def _about(decision: ReportDecision, publications: tuple[ReportPublication, ...]) -> ReportPublication | None:
    """Return the publication that a decision is about: of the release it names, else the last one before it."""
    known = [
        one
        for one in publications
        if one.report == decision.report
        and decision.release_id in (None, one.release_id)
        and one.published_on <= decision.decided_on
    ]
    return max(known, key=lambda one: one.published_on, default=None)


def _buying(days: list[date]) -> dict[str, int]:
    ages = [(_TODAY - day).days for day in days]
    return {
        "recency_days": min(ages) - 1,
        "recent_orders": sum(age <= ACTIVE_DAYS for age in ages),
        "earlier_orders": sum(ACTIVE_DAYS < age <= 2 * ACTIVE_DAYS for age in ages),
    }
