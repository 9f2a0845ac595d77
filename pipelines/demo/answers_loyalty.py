"""The known answers about customers who stay: cohorts, loyalty, and the revenue of contracts."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from pipelines.demo.answers_churn import day_after
from pipelines.demo.calendar import LAST_DAY, all_periods, at, month_starts, period_bounds
from pipelines.demo.customer_events import CustomerEvents, Sale
from pipelines.demo.model import Subscription
from pipelines.demo.money import Rates, cents
from pipelines.demo.size import size
from pipelines.demo.totals import six

_PROMOTER, _PASSIVE = 9, 7


def retention(events: CustomerEvents) -> dict[str, dict]:
    """Return month of the first order -> size, and what the cohort bought in each month since, from 0 on.

    All months up to the last of the demo have ended.
    """
    cohorts: dict[date, dict[str, list[Sale]]] = {}
    for customer, sales in events.sales.items():
        cohorts.setdefault(sales[0].day.replace(day=1), {})[customer] = sales
    return {f"{cohort:%Y-%m}": _cohort(cohort, members) for cohort, members in sorted(cohorts.items())}


def _cohort(first: date, members: dict[str, list[Sale]]) -> dict:
    months: dict[date, tuple[set[str], list[Decimal]]] = {m: (set(), []) for m in month_starts(first, LAST_DAY)}
    for customer, sales in members.items():
        for sale in sales:
            buyers, amounts = months[sale.day.replace(day=1)]
            buyers.add(customer)
            amounts.append(sale.revenue)
    return {
        "cohort_size": len(members),
        "months": [
            {"retained": len(buyers), "revenue": f"{sum(amounts, Decimal(0)):.2f}"}
            for buyers, amounts in months.values()
        ],
    }


def loyalty(events: CustomerEvents) -> dict[str, dict[str, dict]]:
    """Return grain -> period -> who bought, who did so on several days, and whether customers recommend the company."""
    return {
        grain: {key: _bought(events, key) | _recommended(events, key) for key in keys}
        for grain, keys in all_periods().items()
    }


def _bought(events: CustomerEvents, key: str) -> dict[str, int]:
    start, end = period_bounds(key)
    days = [[sale.day for sale in sales if start <= sale.day < end] for sales in events.sales.values()]
    return {
        "buyers": sum(bool(found) for found in days),
        "repeat_buyers": sum(len(set(found)) > 1 for found in days),
        "orders": sum(map(len, days)),
    }


def _recommended(events: CustomerEvents, key: str) -> dict[str, int | str | None]:
    start, end = period_bounds(key)
    scores = []
    for answers in events.answers.values():
        found = [a for a in answers if a.survey_kind == "nps" and start <= a.responded_at.date() < end]
        scores += [found[-1].score] if found else []
    promoters, detractors = sum(s >= _PROMOTER for s in scores), sum(s < _PASSIVE for s in scores)
    nps, margin = promoter_score(promoters, detractors, len(scores))
    return {
        "promoters": promoters,
        "passives": len(scores) - promoters - detractors,
        "detractors": detractors,
        "nps": nps,
        "nps_margin": margin,
    }


def promoter_score(promoters: int, detractors: int, answers: int) -> tuple[str | None, str | None]:
    """Return the score from -100 to 100 and the margin of its error, to six decimals; None without answers."""
    if not answers:
        return None, None
    p, d = Fraction(promoters, answers), Fraction(detractors, answers)
    return six(100 * (p - d)), f"{196 * sqrt((p + d - (p - d) ** 2) / (answers * size().branches)):.6f}"


def group_of(score: Decimal) -> str:
    """Return what somebody who answers `score`, of 0 to 10, is called."""
    return "promoter" if score >= _PROMOTER else "passive" if score >= _PASSIVE else "detractor"


def revenue_retention(events: CustomerEvents, rates: Rates) -> dict[str, dict[str, dict]]:
    """Return grain -> period -> monthly revenue of contracts before it, what became of it, and that at its end.

    Both ends are converted at the rates of the day before the period. The first period is that of the first contract.
    """
    begun = min(contract.starts_on for contracts in events.contracts.values() for contract in contracts)
    return {
        grain: {key: _became(events, rates, *period_bounds(key)) for key in keys if period_bounds(key)[1] > begun}
        for grain, keys in all_periods().items()
    }


def _became(events: CustomerEvents, rates: Rates, first: date, end: date) -> dict[str, str | None]:
    opening = first - timedelta(days=1)
    sums = dict.fromkeys(
        ("starting_revenue", "contraction", "churned", "expansion", "new_revenue", "closing_revenue"), Decimal(0)
    )
    for contracts in events.contracts.values():
        before, after = (_monthly(contracts, day, rates, opening) for day in (opening, end - timedelta(days=1)))
        sums["starting_revenue"] += before
        sums["closing_revenue"] += after
        if not before:
            sums["new_revenue"] += after
        elif after > before:
            sums["expansion"] += after - before
        else:
            sums["contraction" if after else "churned"] += before - after
    kept = sums["starting_revenue"] - sums["contraction"] - sums["churned"]
    return {name: f"{amount:.2f}" for name, amount in sums.items()} | {
        "grr": _ratio(kept, sums["starting_revenue"]),
        "nrr": _ratio(kept + sums["expansion"], sums["starting_revenue"]),
    }


def _monthly(contracts: list[Subscription], day: date, rates: Rates, rate_day: date) -> Decimal:
    running = [c for c in contracts if c.starts_on <= day < day_after(c)]
    return sum((cents(c.monthly_amount * rates.at(c.currency, at(rate_day, 12))) for c in running), Decimal(0))


def _ratio(part: Decimal, whole: Decimal) -> str | None:
    return six(Fraction(part) / Fraction(whole)) if whole else None
