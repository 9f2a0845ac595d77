"""The known answers about silent customers: do those who were written to come back sooner than those left alone."""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from pipelines.demo.calendar import AS_OF, all_periods, local_day, period_bounds
from pipelines.demo.customer_events import CustomerEvents
from pipelines.demo.kept import state_of
from pipelines.demo.totals import six

REACTIVATION_DAYS = 30


def silent_customers(events: CustomerEvents) -> dict[str, dict[str, dict]]:
    """Return grain -> period -> who was silent when it began, who of them was treated or held out, and who bought.

    Somebody is treated on the first day of the period on which an invitation went out that did not bounce; who was
    never treated in the period may have been held out.
    """
    invited = {
        customer: [local_day(m.invited_at) for m in members if m.invited_at and not m.bounced_at and not m.is_holdout]
        for customer, members in events.members.items()
    }
    held_out = {
        customer: [events.campaign_starts[m.campaign_id] for m in members if m.is_holdout]
        for customer, members in events.members.items()
    }
    return {
        grain: {key: _figures(events, invited, held_out, *period_bounds(key)) for key in keys}
        for grain, keys in all_periods().items()
    }


def _figures(
    events: CustomerEvents, invited: dict[str, list[date]], held_out: dict[str, list[date]], start: date, end: date
) -> dict[str, int | bool | str | None]:
    population = events.population
    silent = {
        customer
        for customer, days in population.purchases.items()
        if state_of(days, population.contracts.get(customer, []), start - timedelta(days=1)) == "silent"
    }
    treated = {c: day for c in silent if (day := _first(invited.get(c, ()), start, end))}
    left_alone = {c: day for c in silent - treated.keys() if (day := _first(held_out.get(c, ()), start, end))}
    back, back_alone = (
        sum(_comes_back(population.purchases[c], day) for c, day in group.items()) for group in (treated, left_alone)
    )
    rate, rate_alone = _rate(back, len(treated)), _rate(back_alone, len(left_alone))
    return {
        "silent_at_start": len(silent),
        "treated": len(treated),
        "treated_reactivated": back,
        "holdout": len(left_alone),
        "holdout_reactivated": back_alone,
        "uplift": six(rate - rate_alone) if rate is not None and rate_alone is not None else None,
        "is_mature": end - timedelta(days=1) + timedelta(days=REACTIVATION_DAYS) < local_day(AS_OF),
    }


def _first(days: Iterable[date], start: date, end: date) -> date | None:
    return min((day for day in days if start <= day < end), default=None)


def _comes_back(purchases: list[date], day: date) -> bool:
    return any(day < bought <= day + timedelta(days=REACTIVATION_DAYS) for bought in purchases)


def _rate(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
