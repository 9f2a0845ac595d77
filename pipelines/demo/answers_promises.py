"""The known answers about what service promised, who did the work, and what it cost."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from pipelines.demo.answers_service import Cells, Desk, holds, nested
from pipelines.demo.calendar import AS_OF, BERLIN, local_day, period_keys
from pipelines.demo.model import ServiceCost, SlaPolicy
from pipelines.demo.money import Rates, cents
from pipelines.demo.size import size
from pipelines.demo.ticket_histories import History, at_instant
from pipelines.demo.totals import UNKNOWN, quantile, six

_REOPEN = timedelta(days=7)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def promises(desk: Desk) -> Cells:
    """Return grain -> period in which they were due -> policy|metric|priority -> due and achieved."""
    cells: dict = defaultdict(lambda: defaultdict(list))
    for history in desk.tickets:
        for metric in ("first_reply", "resolution"):
            for policy, priority, due, is_kept in _targets(desk, history, metric):
                for grain, key in period_keys(local_day(due)).items():
                    cells[grain, key, f"{policy.name}|{metric}|{priority}"]["kept"].append(is_kept)
    return nested(cells, lambda cell: {"due": len(cell["kept"]), "achieved": sum(cell["kept"])})


def _targets(desk: Desk, history: History, metric: str) -> Iterator[tuple[SlaPolicy, str, datetime, bool]]:
    """Yield policy, priority, when it was due and whether it was kept, of the targets that were due by as_of."""
    created, removed = history.ticket.created_at, history.first("removed")
    kept = history.first_reply if metric == "first_reply" else history.first("solved")
    applied: list[tuple[datetime, str, SlaPolicy]] = []
    for at, priority in history.priorities:
        if at > created and any(end is not None and at >= end for end in (kept, removed)):
            continue
        (policy,) = [
            p for p in desk.company.sla_policies if p.metric == metric and p.priority == priority and holds(p, at)
        ]
        if not applied or applied[-1][2] is not policy:
            applied.append((at, priority, policy))
    for n, (at, priority, policy) in enumerate(applied):
        due = _due(desk, history, metric, policy, kept)
        due = max(due, at) if due else None
        replaced = applied[n + 1][0] if n + 1 < len(applied) else None
        if due is None or due > AS_OF or (replaced and due >= replaced):
            continue
        if kept is None and removed and due >= removed:
            continue
        yield policy, priority, due, replaced is None and kept is not None and kept <= due


def _due(desk: Desk, history: History, metric: str, policy: SlaPolicy, kept: datetime | None) -> datetime | None:
    """Return when the time of a target is used up, or would be if the ticket had not been solved."""
    left, created = policy.target_minutes * 60, history.ticket.created_at
    if metric == "first_reply":
        return _after(desk, policy, created, left)
    forever = datetime.max.replace(tzinfo=created.tzinfo)
    for start, end in history.waiting(kept or forever):
        last = min(end, AS_OF + timedelta(days=2))
        spent = _between(desk, policy, start, last) if start < last else 0
        if left <= spent:
            return _after(desk, policy, start, left)
        left -= spent
    return _after(desk, policy, kept, left) if kept else None


def _between(desk: Desk, policy: SlaPolicy, first: datetime, last: datetime) -> int:
    if policy.clock == "calendar":
        return int((last - first).total_seconds())
    return desk.hours.seconds(policy.schedule_id, first, last)


def _after(desk: Desk, policy: SlaPolicy, first: datetime, seconds: int) -> datetime | None:
    if policy.clock == "calendar":
        return first + timedelta(seconds=seconds)
    return desk.hours.instant_after(policy.schedule_id, first, seconds)


def agents(desk: Desk) -> Cells:
    """Return grain -> period -> agent -> what it did, how fast and how well."""
    cells: dict = defaultdict(lambda: defaultdict(list))

    def note(at: datetime, agent: str | None, name: str, value: object) -> None:
        for grain, key in period_keys(local_day(at)).items():
            cells[grain, key, agent or UNKNOWN][name].append(value)

    for history in desk.tickets:
        for event in history.events:
            if event.actor == "agent":
                note(event.occurred_at, event.actor_user_id, "tickets", event.ticket_id)
                note(event.occurred_at, event.actor_user_id, "handled", event.handle_seconds or 0)
        for event in history.replies[:1]:
            note(event.occurred_at, event.actor_user_id, "reply", desk.took(history, event.occurred_at)[0])
        for n, at in enumerate(history.when("solved")):
            holder, back = at_instant(history.holders, at), history.first("reopened")
            note(at, holder, "solved", 1)
            if n == 0 and at + _REOPEN <= AS_OF:
                note(at, holder, "reopened", bool(back and back <= at + _REOPEN))
    known = {history.ticket.ticket_id: history for history in desk.tickets}
    for survey in desk.company.survey_responses:
        history = known.get(survey.ticket_id or "")
        if history and survey.score is not None:
            at = survey.responded_at.replace(tzinfo=BERLIN)
            note(at, at_instant(history.holders, at), "rated", survey.score >= 4)
    return nested(cells, _agent_figures)


def _agent_figures(cell: dict[str, list]) -> dict:
    return {
        "tickets": len(set(cell["tickets"])),
        "solved": len(cell["solved"]),
        "reopen_rate": [sum(cell["reopened"]), len(cell["reopened"])],
        "csat": [sum(cell["rated"]), len(cell["rated"])],
        "handle_minutes": six(Fraction(sum(cell["handled"]) * size().branches, 60)),
        "median_reply_minutes": six(quantile(cell["reply"], Fraction(1, 2))),
    }


def service_costs(desk: Desk) -> Cells:
    """Return grain -> period -> team|category -> cost, of days that have passed."""
    rates, teams = Rates(desk.company.exchange_rates), {u.user_id: u.team_id for u in desk.company.users}
    sums: dict[tuple[str, str, str], Counter] = defaultdict(Counter)
    for cost in desk.company.service_costs:
        team = cost.team_id or teams.get(cost.user_id or "") or UNKNOWN
        for day, share in _days(cost, rates):
            for grain, key in period_keys(day).items():
                sums[grain, key, f"{team}|{cost.category}"]["cents"] += share
    return nested(sums, lambda cell: {"cost": f"{Decimal(cell['cents']).scaleb(-2):.2f}"})


def _days(cost: ServiceCost, rates: Rates) -> Iterator[tuple[date, int]]:
    """Yield the days that a cost is for, with the cents of each: what does not divide falls on the first days."""
    months = cost.period_start.year * 12 + cost.period_start.month - 1 + _MONTHS[cost.period_grain]
    end = cost.period_start.replace(year=months // 12, month=months % 12 + 1)
    days = (end - cost.period_start).days
    whole = int(cents(cost.amount * rates.on(cost.currency, cost.period_start)) * 100)
    for n in range(days):
        yield cost.period_start + timedelta(days=n), whole // days + (n < whole % days)
