"""The known answers about who sold what, and about the contacts with customers."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from pipelines.demo.answers_sales import sold_lines
from pipelines.demo.calendar import AS_OF, local_day, period_bounds, period_keys
from pipelines.demo.customers import Population
from pipelines.demo.deal_history import LOST, WON, Deal
from pipelines.demo.model import Activity, Company
from pipelines.demo.size import size
from pipelines.demo.totals import UNKNOWN, six

_GRAINS = ("month", "quarter", "year")
_WINDOW = timedelta(days=30)
_SATISFIED = 4
_COUNTS = ("won", "lost", "activities", "csat_answers", "csat_satisfied")


def sales_team(company: Company, population: Population, deals: list[Deal]) -> dict[str, dict]:
    """Return level -> grain -> period -> member -> figures; a user's or team's target is None where there is none.

    Revenue goes to the owner of the order, a deal to who owned it at its end, a survey's answer to whom it was about.
    """
    teams = {user.user_id: user.team_id for user in company.users}
    levels: dict[str, Callable[[str | None], str]] = {
        "user": lambda user: user or UNKNOWN,
        "team": lambda user: teams.get(user or "") or UNKNOWN,
    }
    cells: dict[tuple[str, str, str, str], dict] = {}

    def cell_of(user: str | None, day: date) -> Iterator[dict]:
        for level, member in levels.items():
            for grain, key in period_keys(day).items():
                yield cells.setdefault((level, grain, key, member(user)), _empty())

    for sold in sold_lines(company, population):
        for cell in cell_of(sold.order.owner_user_id, local_day(sold.order.ordered_at)):
            cell["revenue"] += sold.revenue
            cell["customers"].add(population.customer[sold.order.account_id])
    for deal in deals:
        if deal.row.outcome in (WON, LOST):
            for cell in cell_of(deal.row.owner_user_id, local_day(deal.row.closed_at)):
                cell[deal.row.outcome] += 1
                cell["won_amount"] += (deal.amount_at_close or 0) if deal.row.outcome == WON else 0
    for activity in counted_activities(company, population):
        for cell in cell_of(activity.user_id, local_day(activity.occurred_at)):
            cell["activities"] += 1
    orders = {order.order_id: order for order in company.orders}
    for survey in company.survey_responses:
        bucket = population.bucket(orders[survey.order_id]) if survey.order_id else None
        is_test = bucket in ("deleted", "test") or survey.account_id in population.test_accounts
        if survey.survey_kind == "csat" and survey.responded_at and not is_test:
            for cell in cell_of(survey.user_id, survey.responded_at.date()):
                cell["csat_answers"] += 1
                cell["csat_satisfied"] += survey.score >= _SATISFIED
    return _written(cells, _targets(company))


def _empty() -> dict:
    return {"revenue": Decimal(0), "won_amount": Decimal(0), "customers": set(), **dict.fromkeys(_COUNTS, 0)}


def _targets(company: Company) -> dict[tuple[str, str, str, str], Decimal]:
    """Return (level, grain, period, member) -> revenue target: its own, else that of the periods in it."""
    own: dict[tuple[str, str, str, str], Decimal] = {}
    for target in company.targets:
        if target.metric == "revenue" and target.member_id:
            key = period_keys(target.period_start)[target.period_grain]
            place = (target.level, target.period_grain, key, target.member_id)
            own[place] = own.get(place, Decimal(0)) + target.amount
    found = dict(own)
    for grain, part in (("quarter", "month"), ("year", "quarter")):
        sums: dict[tuple[str, str, str, str], Decimal] = {}
        for (level, of, key, member), amount in found.items():
            if of == part:
                place = (level, grain, period_keys(period_bounds(key)[0])[grain], member)
                sums[place] = sums.get(place, Decimal(0)) + amount
        found = sums | found
    return found


def _written(cells: dict, targets: dict) -> dict[str, dict]:
    found: dict[str, dict] = {"user": {}, "team": {}}
    for (level, grain, key, member), cell in sorted(cells.items()):
        target = targets.get((level, grain, key, member))
        found[level].setdefault(grain, {}).setdefault(key, {})[member] = {
            **{name: cell[name] for name in _COUNTS},
            "revenue": f"{cell['revenue']:.2f}",
            "won_amount": f"{cell['won_amount']:.2f}",
            "customers": len(cell["customers"]),
            "target": None if target is None else f"{target:.2f}",
        }
    return found


def counted_activities(company: Company, population: Population) -> list[Activity]:
    """Return the activities that are not with test accounts nor about their deals, nor about tests or deleted deals."""
    account_of = _account_of(company)
    gone = {deal.opportunity_id for deal in company.opportunities if deal.is_deleted}
    tests = {deal.opportunity_id for deal in company.opportunities if deal.is_test}
    tests |= {lead.lead_id for lead in company.leads if lead.is_test}
    return [
        a
        for a in company.activities
        if account_of(a) not in population.test_accounts
        and not {a.opportunity_id, a.lead_id} & tests
        and (a.account_id or a.opportunity_id not in gone)
    ]


def interactions(company: Company, population: Population) -> dict[str, dict]:
    """Return kind -> grain -> period -> figures.

    `followed` of `could_be` interactions with a known customer, of whom an order can be told to have come or not, had
    one within 30 days.
    """
    bought: dict[str, list[datetime]] = defaultdict(list)
    for order in company.orders:
        if population.bucket(order) is None:
            bought[population.customer[order.account_id]].append(order.ordered_at)
    for instants in bought.values():
        instants.sort()
    account_of = _account_of(company)
    cells: dict[tuple[str, str, str], list[tuple[Activity, str | None]]] = {}
    for activity in counted_activities(company, population):
        customer = population.customer.get(account_of(activity) or "")
        for grain, key in period_keys(local_day(activity.occurred_at)).items():
            cells.setdefault((activity.kind, grain, key), []).append((activity, customer))
    found: dict[str, dict] = {}
    for (kind, grain, key), group in sorted(cells.items()):
        found.setdefault(kind, {}).setdefault(grain, {})[key] = _contact_figures(group, bought)
    return found


def _contact_figures(group: list[tuple[Activity, str | None]], bought: dict[str, list[datetime]]) -> dict:
    sent = [a for a, _ in group if a.kind == "email" and a.direction != "in"]
    calls = [a for a, _ in group if a.kind == "call" and a.duration_seconds is not None]
    told = [(a, customer) for a, customer in group if customer and a.occurred_at + _WINDOW < AS_OF]
    return {
        "interactions": len(group),
        "customers": len({customer for _, customer in group if customer}),
        "emails_sent": len(sent),
        "opened": sum(a.opened_at is not None for a in sent),
        "replied": sum(a.replied_at is not None for a in sent),
        "call_minutes": six(Fraction(sum(a.duration_seconds or 0 for a in calls) * size().activities, 60)),
        "calls": len(calls),
        "meetings": sum(a.kind == "meeting" for a, _ in group),
        "could_be": len(told),
        "followed": sum(_bought_after(bought.get(customer, []), a.occurred_at) for a, customer in told),
    }


def _bought_after(instants: list[datetime], contact: datetime) -> bool:
    return bisect_right(instants, contact) < bisect_right(instants, contact + _WINDOW)


def _account_of(company: Company) -> Callable[[Activity], str | None]:
    """Return how to find an activity's account: its own, else its deal's, else its lead's."""
    deals = {deal.opportunity_id: deal.account_id for deal in company.opportunities}
    leads = {lead.lead_id: lead.account_id for lead in company.leads}
    return lambda a: a.account_id or deals.get(a.opportunity_id or "") or leads.get(a.lead_id or "")
