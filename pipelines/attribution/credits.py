"""Credits: what each place gets of the conversions of each day, by every model."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.attribution.apportion import apportion
from pipelines.attribution.journeys import UNATTRIBUTED, Journey, Place
from pipelines.attribution.markov import weights
from pipelines.attribution.rules import Rule, first, last, linear, position, time_decay

MODELS = ("first", "last", "linear", "position", "time_decay", "markov")
# One conversion, in the smallest part of it that is told apart.
WHOLE = 10**6


@dataclass(frozen=True, order=True)
class Credit:
    """What a place gets of the conversions of a local day; conversions in millionths, value in cents."""

    model: str
    day: date
    place: Place
    conversions: int
    value: int


def attribute(journeys: Sequence[Journey], half_life: timedelta) -> list[Credit]:
    """Return the credits of all models, sorted; `half_life` is that of time decay.

    Of each day the credits of each model add up exactly to its conversions and to their value. A conversion that
    nothing touched is credited to UNATTRIBUTED. The Markov model is made anew for each calendar month from the journeys
    that ended in it, so that what comes later does not change the month; its conversions that were touched are split by
    the removal effects, wherever they were touched themselves.
    """
    rules: dict[str, Rule] = {
        "first": first,
        "last": last,
        "linear": linear,
        "position": position,
        "time_decay": time_decay(half_life),
    }
    found: dict[tuple[str, date, Place], list[int]] = defaultdict(lambda: [0, 0])
    for journey in journeys:
        if journey.value is None:
            continue
        for model in MODELS:
            if not journey.touches:
                _add(found, model, journey.ended_on, {UNATTRIBUTED: 1}, WHOLE, journey.value)
            elif model in rules:
                shares = list(zip(journey.touches, rules[model](journey.touches), strict=True))
                _add_touches(found, model, journey, shares)
    _add_markov(found, journeys)
    return sorted(Credit(*key, *sums) for key, sums in found.items() if any(sums))


def _add_touches(found: dict, model: str, journey: Journey, shares: Sequence[tuple]) -> None:
    """Add a journey's conversion touch by touch: the cents of a place are those of its touches."""
    numbers = [weight for _, weight in shares]
    conversions, values = apportion(WHOLE, numbers), apportion(journey.value or 0, numbers)
    for (touch, _), conversion, value in zip(shares, conversions, values, strict=True):
        sums = found[model, journey.ended_on, touch.place]
        sums[0] += conversion
        sums[1] += value


def _add_markov(found: dict, journeys: Iterable[Journey]) -> None:
    months: dict[tuple[int, int], list[Journey]] = defaultdict(list)
    for journey in journeys:
        months[journey.ended_on.year, journey.ended_on.month].append(journey)
    for ended in months.values():
        counts: Counter[date] = Counter()
        values: Counter[date] = Counter()
        for journey in ended:
            if journey.value is not None and journey.touches:
                counts[journey.ended_on] += 1
                values[journey.ended_on] += journey.value
        if not counts:
            continue
        shares = weights(ended)
        for day, count in counts.items():
            _add(found, "markov", day, shares, count * WHOLE, values[day])


def _add(found: dict, model: str, day: date, shares: Mapping[Place, int], conversions: int, value: int) -> None:
    numbers = list(shares.values())
    parts = zip(shares, apportion(conversions, numbers), apportion(value, numbers), strict=True)
    for place, conversion, worth in parts:
        sums = found[model, day, place]
        sums[0] += conversion
        sums[1] += worth
