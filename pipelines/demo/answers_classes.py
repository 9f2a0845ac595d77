"""The classes of customers at an assignment: by recency, frequency and spending, by value, and by what they are."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from pipelines.demo.calendar import month_ends
from pipelines.demo.customer_events import CustomerEvents
from pipelines.demo.model import Account
from pipelines.demo.totals import UNKNOWN

VALUE_DAYS = 365
HIGH, MEDIUM = Fraction(1, 5), Fraction(3, 10)
A_SHARE, B_SHARE = Decimal("0.8"), Decimal("0.95")
NONE, NEW = "none", "(new)"
_AGES = (25, 35, 45, 55, 65)
_BANDS = ("under 25", "25-34", "35-44", "45-54", "55-64", "65 and over")

Purchases = Mapping[str, Sequence[tuple[date, Decimal]]]


@dataclass(frozen=True)
class Standing:
    """Where a customer stands among the others; `scores` are of recency, frequency and spending, best 5."""

    recency_days: int | None
    frequency: int
    monetary: Decimal
    scores: tuple[int, int, int] | None
    value_tier: str
    abc_class: str

    @property
    def rfm_score(self) -> str | None:
        """The three scores as one text."""
        return "".join(map(str, self.scores)) if self.scores else None

    @property
    def rfm_segment(self) -> str:
        """The name of what the scores say."""
        return _name(*self.scores) if self.scores else NONE


class Classes:
    """The standings of all customers at every month end, each of which holds until the next."""

    def __init__(self, events: CustomerEvents) -> None:
        """Take the sales of the company."""
        bought = {customer: [(s.day, s.revenue) for s in sales] for customer, sales in events.sales.items()}
        self.days = list(month_ends())
        self._standings = {day: standings(bought, day) for day in self.days}

    def at(self, customer: str, day: date) -> Standing | None:
        """Return the standing assigned last up to the end of `day`; None for whom had none yet."""
        place = bisect_right(self.days, day) - 1
        return self._standings[self.days[place]].get(customer) if place >= 0 else None

    def on(self, day: date) -> dict[str, Standing]:
        """Return the standings assigned on `day`, which needs to be a month end."""
        return self._standings[day]


def class_answers(events: CustomerEvents, classes: Classes) -> dict[str, dict[str, dict]]:
    """Return day -> customer -> recency_days, frequency, monetary, rfm_score, segment, tier and class, at two days."""
    return {
        day.isoformat(): {customer: written(found) for customer, found in sorted(classes.on(day).items())}
        for day in (date(2023, 10, 31), date(2024, 12, 31))
    }


def written(standing: Standing) -> dict[str, int | str | None]:
    """Return a standing with its amount as text."""
    return {
        "recency_days": standing.recency_days,
        "frequency": standing.frequency,
        "monetary": f"{standing.monetary:.2f}",
        "rfm_score": standing.rfm_score,
        "rfm_segment": standing.rfm_segment,
        "value_tier": standing.value_tier,
        "abc_class": standing.abc_class,
    }


def standings(bought: Purchases, day: date) -> dict[str, Standing]:
    """Return the standing at the end of `day` of everybody who has bought by then.

    Frequency and spending are those of the VALUE_DAYS that end with `day`; who bought nothing in them has no scores.
    """
    since = day - timedelta(days=VALUE_DAYS)
    past = {c: [sale for sale in sales if sale[0] <= day] for c, sales in bought.items()}
    past = {customer: sales for customer, sales in past.items() if sales}
    recent = {c: [amount for sold_on, amount in sales if sold_on > since] for c, sales in past.items()}
    spent = {customer: sum(amounts, Decimal(0)) for customer, amounts in recent.items() if amounts}
    recency = {customer: (day - max(sale[0] for sale in sales)).days for customer, sales in past.items()}
    scored = [
        _scores({c: -recency[c] for c in spent}),
        _scores({c: len(recent[c]) for c in spent}),
        _scores(spent),
    ]
    tiers, classes = value_tiers(spent), abc_classes(spent)
    return {
        customer: Standing(
            recency_days=recency[customer],
            frequency=len(recent[customer]),
            monetary=spent.get(customer, Decimal(0)),
            scores=tuple(scores[customer] for scores in scored) if customer in spent else None,  # type: ignore[arg-type]
            value_tier=tiers.get(customer, NONE),
            abc_class=classes.get(customer, NONE),
        )
        for customer in past
    }


def value_tiers(spent: Mapping[str, Decimal]) -> dict[str, str]:
    """Return the tier of everybody: high for whom fewer than a fifth outspend, medium for the next three tenths."""
    ranked = sorted(amount for amount in spent.values() if amount > 0)
    tiers = {}
    for customer, amount in spent.items():
        better = len(ranked) - bisect_right(ranked, amount)
        if amount <= 0:
            tiers[customer] = NONE
        elif better < HIGH * len(ranked):
            tiers[customer] = "high"
        else:
            tiers[customer] = "medium" if better < (HIGH + MEDIUM) * len(ranked) else "low"
    return tiers


def abc_classes(spent: Mapping[str, Decimal]) -> dict[str, str]:
    """Return the class of everybody by the share of the revenue that greater spenders have; equals by their names."""
    total = sum((amount for amount in spent.values() if amount > 0), Decimal(0))
    found, before = {}, Decimal(0)
    for customer, amount in sorted(spent.items(), key=lambda entry: (-entry[1], entry[0])):
        if amount <= 0:
            found[customer] = "C"
            continue
        found[customer] = "A" if before < A_SHARE * total else "B" if before < B_SHARE * total else "C"
        before += amount
    return found


def attributes(account: Account, day: date) -> dict[str, str]:
    """Return what the person or organisation is on `day`: kind of segment -> segment."""
    return {
        "age_band": age_band(account.birth_date, day),
        "gender": account.gender or UNKNOWN,
        "region": f"{account.country} / {account.province}",
        "industry": account.industry or UNKNOWN,
        "tag": "|".join(sorted(account.tags.split("|"))) if account.tags else "(none)",
    }


def age_band(born: date | None, day: date) -> str:
    """Return the band of the age on `day`; who was born on 29 February comes of it on the 28th in other years."""
    if born is None:
        return UNKNOWN
    birthday = day.replace(month=born.month, day=min(born.day, monthrange(day.year, born.month)[1]))
    age = day.year - born.year - (day < birthday)
    return _BANDS[bisect_right(_AGES, age)]


def _scores(values: Mapping[str, int | Decimal]) -> dict[str, int]:
    """Return 1 to 5 by how many fifths of the customers have less; equal values have equal scores."""
    ranked = sorted(values.values())
    return {customer: 1 + 5 * bisect_left(ranked, value) // len(ranked) for customer, value in values.items()}


def _name(recency: int, frequency: int, monetary: int) -> str:
    if min(recency, frequency, monetary) >= 4:
        return "champions"
    if recency >= 3:
        if frequency >= 4:
            return "loyal"
        if monetary >= 4:
            return "big_spenders"
        return "promising" if recency >= 4 else "needs_attention"
    return "at_risk" if frequency >= 4 or monetary >= 4 else "hibernating"
