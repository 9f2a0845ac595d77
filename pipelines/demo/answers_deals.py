"""The known answers about how deals went: win rates, cycles, reasons of loss and the funnel."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from pipelines.demo.calendar import AS_OF, local_day, period_bounds, period_keys
from pipelines.demo.deal_history import LOST, OPEN, WON, Deal, Visit
from pipelines.demo.model import Company
from pipelines.demo.totals import UNKNOWN, quantile, six

AGES = (30, 90, 180, 365)
NO_CONTEST = ("duplicate", "disqualified", "no decision")
_GRAINS = ("month", "quarter", "year")


def win_rates(deals: list[Deal]) -> dict[str, dict]:
    """Return `period`: grain -> period -> figures of the deals closed in it, and `cohort`: age -> the same by creation.

    A cohort is mature once each of its deals has reached the age. Amounts are those of the day of closing, or of
    creation while a deal is open; deals without one are counted in `without_amount` and left out of the amounts.
    """
    return {
        "period": _grouped([d for d in deals if d.row.closed_at], lambda d: d.row.closed_at, _closed),
        "cohort": {str(age): _grouped(deals, lambda d: d.row.created_at, lambda g, a=age: _aged(g, a)) for age in AGES},
        "mature": {
            str(age): [
                key
                for grain in _GRAINS
                for key in sorted({period_keys(local_day(d.row.created_at))[grain] for d in deals})
                if period_bounds(key)[1] + timedelta(days=age - 1) < local_day(AS_OF)
            ]
            for age in AGES
        },
    }


def sales_cycles(deals: list[Deal]) -> dict[str, dict]:
    """Return pipeline -> grain -> period -> won, median_days, p90_days and mean_days of the deals won in it."""
    won = [deal for deal in deals if deal.row.outcome == WON]
    return {
        name: _grouped([d for d in won if d.row.pipeline == name], lambda d: d.row.closed_at, _cycle)
        for name in sorted({deal.row.pipeline for deal in won})
    }


def lost_reasons(deals: list[Deal]) -> dict[str, dict]:
    """Return grain -> period -> `reason|competitor` -> how many deals were lost, and their amount."""

    def figures(group: list[Deal]) -> dict[str, dict]:
        found: dict[str, list[Deal]] = {}
        for deal in group:
            found.setdefault(f"{deal.row.lost_reason or UNKNOWN}|{deal.row.competitor or UNKNOWN}", []).append(deal)
        return {name: {"lost": len(ds), "lost_amount": _sum(ds)} for name, ds in sorted(found.items())}

    return _grouped([d for d in deals if d.row.outcome == LOST], lambda d: d.row.closed_at, figures)


def funnel(company: Company, deals: list[Deal]) -> dict[str, dict]:
    """Return `pipeline|stage` -> grain -> period in which the stage was first reached -> what became of the deals."""
    found = {}
    for name in sorted({deal.row.pipeline for deal in deals}):
        places = {s.stage: s.position for s in company.stages if s.pipeline == name and s.kind == OPEN}
        stories = [_Story(deal, places) for deal in deals if deal.row.pipeline == name]
        for stage in [*places, *sorted({v.stage for s in stories for v in s.visits} - {*places, LOST})]:
            reached = [story for story in stories if story.reached(stage)]
            found[f"{name}|{stage}"] = _grouped(
                reached, lambda s, at=stage: s.reached(at), lambda group, at=stage: _fates(group, at)
            )
    return found


class _Story:
    """The stages of one deal."""

    def __init__(self, deal: Deal, places: dict[str, int]) -> None:
        self.row = deal.row
        self.visits: list[Visit] = deal.visits()
        self._places = places

    def reached(self, stage: str) -> object:
        """Return when the deal was first in the stage or a later one; a stage without a place has none later."""
        entries = [v.entered_at for v in self.visits if v.stage == stage or self._is_later(v.stage, stage)]
        return min(entries, default=None)

    def went_on(self, stage: str) -> bool:
        if stage in self._places:
            return any(self._is_later(visit.stage, stage) for visit in self.visits)
        first = self.reached(stage)
        return any(v.entered_at >= first and (v.stage in self._places or v.stage == WON) for v in self.visits)

    def days(self, stage: str) -> Fraction | None:
        """Return the days spent in the stage, if the deal was there and is no more."""
        stays = [visit for visit in self.visits if visit.stage == stage]
        if not stays or any(stay.left_at is None for stay in stays):
            return None
        return sum((_days(stay.left_at - stay.entered_at) for stay in stays), Fraction(0))

    def _is_later(self, visited: str, stage: str) -> bool:
        if stage not in self._places:
            return False
        return visited == WON or self._places.get(visited, -1) > self._places[stage]


def _fates(stories: list[_Story], stage: str) -> dict[str, int | str | None]:
    if stage == WON:
        return {"reached": len(stories)}
    went_on = [story for story in stories if story.went_on(stage)]
    lost = [story for story in stories if not story.went_on(stage) and story.row.outcome == LOST]
    days = [d for story in stories if (d := story.days(stage)) is not None]
    return {
        "reached": len(stories),
        "advanced": len(went_on),
        "lost": len(lost),
        "still_open": len(stories) - len(went_on) - len(lost),
        "median_days": six(quantile(days, Fraction(1, 2))),
        "p90_days": six(quantile(days, Fraction(9, 10))),
    }


def _grouped(items: Iterable, moment: Callable, figures: Callable) -> dict[str, dict]:
    groups: dict[str, dict[str, list]] = {grain: {} for grain in _GRAINS}
    for item in items:
        for grain, key in period_keys(local_day(moment(item))).items():
            groups[grain].setdefault(key, []).append(item)
    return {grain: {key: figures(found) for key, found in sorted(keys.items())} for grain, keys in groups.items()}


def _closed(deals: list[Deal]) -> dict[str, int | str]:
    won, lost = ([d for d in deals if d.row.outcome == outcome] for outcome in (WON, LOST))
    return {
        "won": len(won),
        "lost": len(lost),
        "lost_narrow": sum(deal.row.lost_reason not in NO_CONTEST for deal in lost),
        "won_amount": _sum(won),
        "lost_amount": _sum(lost),
        "without_amount": sum(deal.row.amount is None for deal in deals),
    }


def _aged(deals: list[Deal], age: int) -> dict[str, int]:
    outcomes = Counter(
        deal.row.outcome
        if deal.row.closed_at and (local_day(deal.row.closed_at) - local_day(deal.row.created_at)).days <= age
        else OPEN
        for deal in deals
    )
    return {outcome: outcomes[outcome] for outcome in (WON, LOST, OPEN)}


def _cycle(deals: list[Deal]) -> dict[str, int | str | None]:
    days = [_days(d.row.closed_at - d.row.created_at) for d in deals if d.row.closed_at >= d.row.created_at]
    return {
        "won": len(deals),
        "median_days": six(quantile(days, Fraction(1, 2))),
        "p90_days": six(quantile(days, Fraction(9, 10))),
        "mean_days": six(sum(days) / len(days)) if days else None,
    }


def _sum(deals: list[Deal]) -> str:
    return f"{sum((d.amount_at_close for d in deals if d.amount_at_close is not None), Decimal(0)):.2f}"


def _days(wait: timedelta) -> Fraction:
    return Fraction(int(wait.total_seconds()), 86_400)
