"""The known answers about open deals: what the pipeline held at the end of a period, and how it came to that."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from pipelines.demo.calendar import all_periods, period_bounds
from pipelines.demo.deal_history import LOST, OPEN, WON, Deal, Moment

_MOVES = ("created", "increased", "decreased", "pushed_out", "pulled_in", "won", "lost")
_GRAINS = ("month", "quarter", "year")


def pipeline(deals: list[Deal]) -> dict[str, dict[str, dict]]:
    """Return grain -> period -> `pipeline|stage|channel` -> what was open at the end of the period."""
    return {
        grain: {key: _snapshot(deals, period_bounds(key)[1] - timedelta(days=1)) for key in all_periods()[grain]}
        for grain in _GRAINS
    }


def movement(deals: list[Deal]) -> dict[str, dict[str, dict]]:
    """Return grain -> period -> pipeline -> amounts: opening, signed movements and closing, which add up.

    They are about the deals that are expected to close before the period ends.
    """
    names = sorted({deal.row.pipeline for deal in deals})
    return {
        grain: {
            key: {name: _movement([d for d in deals if d.row.pipeline == name], *period_bounds(key)) for name in names}
            for key in all_periods()[grain]
        }
        for grain in _GRAINS
    }


def _snapshot(deals: list[Deal], day: date) -> dict[str, dict]:
    found: dict[str, dict] = {}
    for deal in deals:
        now = deal.on(day)
        if now is None or now.state != OPEN:
            continue
        key = f"{deal.row.pipeline}|{now.stage}|{deal.row.channel or '(unknown)'}"
        sums = found.setdefault(
            key, {"open_opportunities": 0, "open_amount": Decimal(0), "weighted_amount": Decimal(0), "overdue": 0}
        )
        sums["open_opportunities"] += 1
        sums["open_amount"] += now.value
        sums["weighted_amount"] += now.weighted
        sums["overdue"] += now.is_due_before(day + timedelta(days=1))
    return {
        key: {name: f"{v:.2f}" if isinstance(v, Decimal) else v for name, v in sums.items()}
        for key, sums in sorted(found.items())
    }


def _movement(deals: list[Deal], start: date, end: date) -> dict[str, str]:
    sums: Counter[str] = Counter()
    for deal in deals:
        opening, closing = deal.on(start - timedelta(days=1)), deal.on(end - timedelta(days=1))
        sums["opening_amount"] += _due(opening, end)
        sums["closing_amount"] += _due(closing, end)
        if closing and closing.state == OPEN and not closing.is_due_before(end):
            sums["later_amount"] += closing.value
        for before, after in deal.changes(start, end):
            sums.update(_moves(before, after, end))
    return {
        name: f"{Decimal(sums[name]):.2f}" for name in ("opening_amount", *_MOVES, "closing_amount", "later_amount")
    }


def _due(moment: Moment | None, end: date) -> Decimal:
    return moment.value if moment and moment.state == OPEN and moment.is_due_before(end) else Decimal(0)


def _moves(before: Moment | None, after: Moment, end: date) -> Counter[str]:
    """Return what one change moves: first what the deal leaves, then its date, then its amount, then where it ends."""
    moves: Counter[str] = Counter()
    if before is None:
        moves["created"] += after.value if after.state == OPEN and after.is_due_before(end) else 0
        return moves
    is_due = before.state == OPEN and before.is_due_before(end)
    if before.state != OPEN:  # re-opened, or closed another way: it comes back as it went
        moves[before.state] += before.value
        is_due = True
    stays = after.state != OPEN or after.is_due_before(end)
    if is_due and not stays:
        moves["pushed_out"] -= before.value
    elif stays:
        moves["pulled_in"] += Decimal(0) if is_due else before.value
        change = after.value - before.value
        moves["increased" if change > 0 else "decreased"] += change
        if after.state in (WON, LOST):
            moves[after.state] -= after.value
    return moves
