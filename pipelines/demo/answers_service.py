"""The known answers about tickets: what came, what was solved, how long it took, and what was promised."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction

from pipelines.demo.calendar import AS_OF, all_periods, local, local_day, period_bounds, period_keys
from pipelines.demo.customers import Population
from pipelines.demo.model import Company, SlaPolicy
from pipelines.demo.opening_hours import OpeningHours
from pipelines.demo.ticket_histories import History, at_instant, histories
from pipelines.demo.totals import UNKNOWN, quantile, six

_RESOLUTION, _REOPEN, _COMPLAINT = timedelta(days=30), timedelta(days=7), timedelta(days=14)
_HALF, _NINE_TENTHS = Fraction(1, 2), Fraction(9, 10)
Cells = dict[str, dict[str, dict[str, dict]]]


class Desk:
    """The tickets that count, and the clocks that they are measured by."""

    def __init__(self, company: Company, population: Population) -> None:
        """Take the good rows."""
        self.company, self.population = company, population
        self.tickets = histories(company, population)
        self.hours = OpeningHours(company)

    def schedule(self, history: History) -> str:
        """Return the schedule of the policy that promised the first reply, else of another, else the first one."""
        created, priority = history.ticket.created_at, history.priorities[0][1]
        promised = [
            p
            for p in self.company.sla_policies
            if p.clock == "business" and p.priority in (priority, None) and holds(p, created)
        ]
        ranked = sorted(promised, key=lambda p: (p.metric, p.priority is None, p.policy_id))
        return ranked[0].schedule_id if ranked else self.hours.first()

    def took(self, history: History, end: datetime | None) -> tuple[Fraction, Fraction] | None:
        """Return the calendar and the business minutes from the creation to `end`."""
        if end is None:
            return None
        start = history.ticket.created_at
        business = self.hours.seconds(self.schedule(history), start, end)
        return Fraction(int((end - start).total_seconds()), 60), Fraction(business, 60)


def backlog(desk: Desk) -> dict[str, dict]:
    """Return grain -> period -> opening, what changed, closing, and how old the open ones are."""
    flows = [(local_day(at), name, h) for h in desk.tickets for at, name in h.flows]
    found: dict[str, dict] = {}
    for grain, keys in all_periods().items():
        for key in keys:
            start, end = period_bounds(key)
            moved = Counter(name for day, name, _ in flows if start <= day < end)
            created = [local_day(h.ticket.created_at) for h in desk.tickets if _is_open_before(h, end)]
            ages = [(end - day).days - 1 for day in created]
            found.setdefault(grain, {})[key] = {
                "opening": sum(_is_open_before(h, start) for h in desk.tickets),
                **{name: moved[name] for name in ("created", "reopened", "solved", "removed")},
                "closing": len(ages),
                "oldest_days": max(ages, default=None),
                **{f"over_{days}": sum(age > days for age in ages) for days in (1, 7, 30)},
            }
    return found


def _is_open_before(history: History, day: date) -> bool:
    """Whether the ticket is unsolved at the midnight with which `day` begins."""
    names = [name for at, name in history.flows if local_day(at) < day]
    return bool(names) and names[-1] in ("created", "reopened")


def requests(desk: Desk) -> Cells:
    """Return grain -> period -> kind|category|priority|channel -> figures."""
    cells: dict = defaultdict(lambda: defaultdict(list))
    again = _asked_again(desk)
    for history in desk.tickets:
        ticket, solved, reopened = history.ticket, history.first("solved"), history.first("reopened")
        removed, replied = history.first("removed"), history.first_reply
        cell = cells.__getitem__

        def of(at: datetime, history: History = history) -> list[tuple[str, str, str]]:
            t = history.ticket
            member = "|".join((t.kind, t.category or UNKNOWN, at_instant(history.priorities, at), t.channel))
            return [(grain, key, member) for grain, key in period_keys(local_day(at)).items()]

        for place in of(ticket.created_at):
            cell(place)["created"].append(1)
            cell(place)["unanswered"].append(replied is None and removed is None)
            if took := desk.took(history, replied):
                cell(place)["reply"].append(took)
            if removed is None and ticket.created_at + _RESOLUTION <= AS_OF:
                cell(place)["resolution_rate"].append(bool(solved and solved <= ticket.created_at + _RESOLUTION))
        for at in history.when("reopened"):
            for place in of(at):
                cell(place)["reopened"].append(1)
        for place in of(solved) if solved else ():
            once = sum(e.occurred_at <= solved + _REOPEN for e in history.replies) == 1
            back = bool(reopened and reopened <= solved + _REOPEN)
            cell(place)["solved"].append(1)
            cell(place)["resolution"].append(desk.took(history, solved))
            if history.events:
                cell(place)["one_touch_rate"].append(once)
            if solved + _REOPEN <= AS_OF:
                cell(place)["reopen_rate"].append(back)
                if history.events:
                    cell(place)["fcr"].append(once and not back and ticket.ticket_id not in again)
    return nested(cells, _request_figures)


def _request_figures(cell: dict[str, list]) -> dict:
    found: dict = {name: sum(cell[name]) for name in ("created", "solved", "reopened", "unanswered")}
    for name in ("resolution_rate", "reopen_rate", "one_touch_rate", "fcr"):
        found[name] = [sum(cell[name]), len(cell[name])]
    for name in ("reply", "resolution"):
        for clock, which in enumerate(("", "business_")):
            minutes = [took[clock] for took in cell[name]]
            found[f"median_{name}_{which}minutes"] = six(quantile(minutes, _HALF))
            found[f"p90_{name}_{which}minutes"] = six(quantile(minutes, _NINE_TENTHS))
    return found


def _asked_again(desk: Desk) -> set[str]:
    """Return the tickets after whose resolution the customer soon sent another of the same category."""
    topics: dict[tuple, list[History]] = defaultdict(list)
    for history in desk.tickets:
        if history.ticket.category and _customer(desk, history):
            topics[_customer(desk, history), history.ticket.category].append(history)
    return {
        history.ticket.ticket_id
        for found in topics.values()
        for history in found
        if (solved := history.first("solved"))
        and any(solved < other.ticket.created_at <= solved + _REOPEN for other in found if other is not history)
    }


def _customer(desk: Desk, history: History) -> str | None:
    account = history.ticket.account_id
    return desk.population.customer.get(account) if account else None


def response_times(desk: Desk) -> Cells:
    """Return grain -> period -> weekday|hour -> tickets, unanswered and mean minutes."""
    cells: dict = defaultdict(lambda: defaultdict(list))
    for history in desk.tickets:
        created = history.ticket.created_at
        for grain, key in period_keys(local_day(created)).items():
            cell = cells[grain, key, f"{local(created).isoweekday()}|{local(created).hour}"]
            cell["tickets"].append(desk.took(history, history.first_reply))

    def figures(cell: dict[str, list]) -> dict:
        took = [pair for pair in cell["tickets"] if pair]
        means = [six(sum(pair[clock] for pair in took) / len(took)) if took else None for clock in (0, 1)]
        return {"tickets": len(cell["tickets"]), "answered": len(took), "mean": means[0], "business_mean": means[1]}

    return nested(cells, figures)


def complaints(desk: Desk) -> Cells:
    """Return grain -> period -> category -> received, what became of them, and how long it took."""
    cells: dict = defaultdict(lambda: defaultdict(list))
    for history in desk.tickets:
        created, solved = history.ticket.created_at, history.first("solved")
        if history.ticket.kind != "complaint":
            continue
        for grain, key in period_keys(local_day(created)).items():
            cell = cells[grain, key, history.ticket.category or UNKNOWN]
            cell["received"].append(1)
            cell["resolved"].append(solved is not None)
            cell["unsolved"].append(history.is_unsolved)
            if solved:
                cell["days"].append(Fraction(int((solved - created).total_seconds()), 86400))
            if history.first("removed") is None and created + _COMPLAINT <= AS_OF:
                cell["in_time"].append(bool(solved and solved <= created + _COMPLAINT))

    def figures(cell: dict[str, list]) -> dict:
        return {
            **{name: sum(cell[name]) for name in ("received", "resolved", "unsolved", "in_time")},
            "judged": len(cell["in_time"]),
            "median_days": six(quantile(cell["days"], _HALF)),
        }

    return nested(cells, figures)


def holds(policy: SlaPolicy, instant: datetime) -> bool:
    """Return whether a policy is in force at `instant`."""
    return (policy.valid_from is None or policy.valid_from <= instant) and (
        policy.valid_to is None or instant < policy.valid_to
    )


def nested(cells: dict, figures: Callable[[dict], dict]) -> Cells:
    """Return grain -> period -> member -> figures."""
    found: Cells = {}
    for (grain, key, member), cell in sorted(cells.items()):
        found.setdefault(grain, {}).setdefault(key, {})[member] = figures(cell)
    return found
