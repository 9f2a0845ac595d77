"""The known answers about attribution, worked out with fractions and, for the Markov model, by walking."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from pipelines.demo.answers_marketing import Origins, first_orders
from pipelines.demo.answers_sales import sold_lines
from pipelines.demo.calendar import AS_OF, local_day, period_keys
from pipelines.demo.customers import Population
from pipelines.demo.deal_history import Deal
from pipelines.demo.model import Company, Touchpoint
from pipelines.demo.size import size
from pipelines.demo.totals import UNKNOWN, six

WINDOW = timedelta(days=90)
HALF_LIFE = timedelta(days=7)
NOBODY = "(unattributed)|(unattributed)"
MARKOV_MONTHS = ("2025-04", "2025-05", "2025-06")
_STEPS = 400


@dataclass(frozen=True)
class _Journey:
    day: date
    touches: tuple[tuple[str, datetime], ...]
    value: Decimal | None


def attribution(company: Company, population: Population, deals: list[Deal]) -> dict[str, dict]:
    """Return `rules`: grain -> period -> model|channel|campaign -> conversions, revenue and how many touches they are
    from (each may be rounded by less than a millionth and a cent); `markov`: month -> channel|campaign -> conversions
    of some months; `unattributed`: grain -> period -> conversions and revenue that no model credits."""
    journeys = _journeys(company, population, deals)
    sums: dict[str, dict] = {grain: {} for grain in ("month", "quarter", "year")}
    for journey in journeys:
        if journey.value is None:
            continue
        for member, share, touches in _shares(journey):
            for grain, key in period_keys(journey.day).items():
                cell = sums[grain].setdefault(key, {}).setdefault(member, [Fraction(0), Fraction(0), 0])
                cell[0] += share
                cell[1] += share * Fraction(journey.value)
                cell[2] += touches
    branches = size().branches
    return {
        "rules": {
            grain: {
                key: {
                    member: {"conversions": six(share * branches), "revenue": six(value * branches), "touches": touches}
                    for member, (share, value, touches) in sorted(members.items())
                }
                for key, members in sorted(keys.items())
            }
            for grain, keys in sums.items()
        },
        "markov": {month: _markov([j for j in journeys if f"{j.day:%Y-%m}" == month]) for month in MARKOV_MONTHS},
    }


def _journeys(company: Company, population: Population, deals: list[Deal]) -> list[_Journey]:
    """Return the journeys of all who were touched, and the first orders that nothing touched."""
    touches = _touches(company, population, deals)
    worth: Counter[str] = Counter()
    for sold in sold_lines(company, population):
        worth[sold.order.order_id] += sold.revenue
    found = []
    for customer, order in first_orders(company, population).items():
        own, end = touches.pop(customer, []), order.ordered_at
        own = [touch for touch in own if touch[1] <= end]
        credited = [touch for touch in own if touch[1] >= end - WINDOW]
        found.append(_Journey(local_day(end), tuple(credited), Decimal(worth[order.order_id])))
        found += [journey for journey in _lost(own) if journey.touches[-1][1] < end - WINDOW]
    return found + [journey for own in touches.values() for journey in _lost(own)]


def _touches(company: Company, population: Population, deals: list[Deal]) -> dict[str, list[tuple[str, datetime]]]:
    """Return who was touched -> where and when; whoever is no customer yet is a lead."""
    leads, origins = {lead.lead_id: lead for lead in company.leads}, Origins(company)
    channels = {c.campaign_id: c.channel for c in company.campaigns}
    of_deal: dict[str, str] = {}
    for deal in sorted(deals, key=lambda d: d.row.created_at):
        if deal.row.lead_id and deal.row.account_id:
            of_deal.setdefault(deal.row.lead_id, deal.row.account_id)
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)

    def order(touch: Touchpoint) -> tuple:
        return touch.occurred_at, touch.touchpoint_id

    for touch in sorted(company.touchpoints, key=order):
        lead = leads.get(touch.lead_id or "")
        named = touch.account_id or (lead.account_id if lead else None)
        if (lead and lead.is_test) or named in population.test_accounts:
            continue
        account = named or of_deal.get(touch.lead_id or "")
        who = population.customer[account] if account else touch.lead_id or touch.touchpoint_id
        channel = touch.channel or channels.get(touch.campaign_id or "") or UNKNOWN
        found[who].append((f"{channel}|{origins.of(touch.campaign_id)}", touch.occurred_at))
    return found


def _lost(touches: list[tuple[str, datetime]]) -> list[_Journey]:
    """Return the journeys that led to nothing: cut where nothing happened for longer than the window."""
    parts: list[list[tuple[str, datetime]]] = []
    for touch in touches:
        if parts and touch[1] - parts[-1][-1][1] <= WINDOW:
            parts[-1].append(touch)
        else:
            parts.append([touch])
    ends = [(part, part[-1][1] + WINDOW) for part in parts]
    return [_Journey(local_day(end), tuple(part), None) for part, end in ends if end < AS_OF]


def _shares(journey: _Journey) -> Iterable[tuple[str, Fraction, int]]:
    """Yield `model|place`, share and 1 for each touch, by the rules that look at one journey."""
    touches = journey.touches
    models = ("first", "last", "linear", "position", "time_decay")
    if not touches:
        yield from ((f"{model}|{NOBODY}", Fraction(1), 0) for model in (*models, "markov"))
        return
    last, middle = len(touches) - 1, len(touches) - 2
    newest = touches[-1][1]
    decay = [Fraction(0.5 ** ((newest - moment) / HALF_LIFE)) for _, moment in touches]
    for n, (place, _) in enumerate(touches):
        ends = Fraction(2, 5) if middle > 0 else Fraction(1, last + 1)
        shares = (
            Fraction(n == 0),
            Fraction(n == last),
            Fraction(1, last + 1),
            ends if n in (0, last) else Fraction(1, 5 * middle),
            decay[n] / sum(decay),
        )
        yield from ((f"{model}|{place}", share, 1) for model, share in zip(models, shares, strict=True) if share)


def _markov(journeys: list[_Journey]) -> dict[str, str]:
    """Return place -> conversions by removal effect, the chain being walked step by step with and without each.

    Empty where nobody who was touched bought.
    """
    touched = sum(journey.value is not None and bool(journey.touches) for journey in journeys)
    if not touched:
        return {}
    walks = [[place for place, _ in journey.touches] for journey in journeys]
    counts: dict[str, Counter] = defaultdict(Counter)
    for journey, walk in zip(journeys, walks, strict=True):
        path = ["start", *walk, "end" if journey.value is not None else "nothing"]
        for here, there in pairwise(path):
            counts[here][there] += bool(walk)
    everything = _walk(counts, None)
    effects = {place: 1 - _walk(counts, place) / everything for place in sorted({p for walk in walks for p in walk})}
    conversions, all_effects = size().branches * touched, sum(effects.values())
    return {place: f"{conversions * effect / all_effects:.6f}" for place, effect in effects.items()}


def _walk(counts: dict[str, Counter], removed: str | None) -> float:
    """Return the share of walks that convert."""
    there, converted = {"start": 1.0}, 0.0
    for _ in range(_STEPS):
        after: dict[str, float] = defaultdict(float)
        for place, share in there.items():
            ways = counts[place]
            for step, count in ways.items():
                after[step] += share * count / sum(ways.values()) if count else 0.0
        converted += after.pop("end", 0.0)
        after.pop("nothing", None)
        after.pop(removed or "", None)
        there = after
    return converted
