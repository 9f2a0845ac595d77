"""The markets that Alder & Finch sells in, as others measure them, and what it sees of its competitors."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import FIRST_DAY, LAST_DAY
from pipelines.demo.deals import COMPETITORS
from pipelines.demo.model import CompetitorObservation, MarketSize, Product

BUREAU, OFFICE = "Outdoor Trade Bureau", "Statistics Office"
# One that nobody ever names in a deal.
NEWCOMER = "Fjord & Fell"
_QUARTERS = [date(year, month, 1) for year in (2022, 2023, 2024, 2025) for month in (1, 4, 7, 10)][3:15]
_KINDS = ("price", "price", "price", "sales", "product", "strategy")


def make_market_sizes(rng: Random) -> tuple[MarketSize, ...]:
    """Return the published sizes, by the day of publishing: of each quarter from the one before the first order on, and
    of each year.

    Two publishers differ about Germany, one quarter is corrected later, one country is measured in USD. Some sizes our
    sales cannot be compared with: a segment and a country that we do not sell in, and a year that has not begun.
    """
    found: list[MarketSize] = []

    def publish(start: date, grain: str, size: int, wait: int, publisher: str = BUREAU, **columns: str | None) -> None:
        amount = Decimal(size * rng.randrange(96, 105)).quantize(Decimal("0.01"))
        given = {"country": None, "province": None, "segment": None, "unit": "value", "currency": "EUR", **columns}
        published = start + timedelta(days=wait)
        found.append(MarketSize("", start, grain, size=amount, publisher=publisher, published_on=published, **given))

    for n, start in enumerate(_QUARTERS):
        publish(start, "quarter", 80_000 + 2_500 * n, 140)
        publish(start, "quarter", 22_000 + 900 * n, 140, segment="Tents", country="DE")
        publish(start, "quarter", 9_000 + 150 * n, 140, segment="Ropes", unit="volume", currency=None)
    publish(_QUARTERS[6], "quarter", 99_000, 300)
    for year in (2023, 2024):
        start = date(year, 1, 1)
        publish(start, "year", 140_000, 420, OFFICE, country="DE")
        publish(start, "year", 120_000, 450 if year == 2024 else 410, country="DE")
        publish(start, "year", 30_000, 420, OFFICE, country="DE", province="Bayern")
        publish(start, "year", 160_000, 420, OFFICE, country="US", currency="USD")
        publish(start, "year", 50_000, 420, OFFICE, country="IT")
        publish(start, "year", 70_000, 420, OFFICE, segment="Boats")
    publish(date(2025, 5, 1), "month", 33_000, 60, country="FR", segment="Tents")
    publish(date(2026, 1, 1), "year", 420_000, -37)
    found.sort(key=lambda size: size.published_on)
    return tuple(replace(size, market_size_id=f"Z{n:03}") for n, size in enumerate(found, start=1))


def make_observations(rng: Random, count: int, products: tuple[Product, ...]) -> tuple[CompetitorObservation, ...]:
    """Return `count` observations by day: prices of what is like a product of ours, sales, and what was heard.

    Two prices of a competitor are of the same day; one is in USD, one in no currency that is named.
    """
    days = sorted(FIRST_DAY + timedelta(days=rng.randrange((LAST_DAY - FIRST_DAY).days + 1)) for _ in range(count))
    found = [_observation(rng, n, day, products) for n, day in enumerate(days, start=1)]
    twin = next(o for o in found if o.kind == "price")
    place = found.index(twin) + 1
    found[place] = replace(
        found[place],
        **{c: getattr(twin, c) for c in ("competitor", "observed_on", "kind", "product_id")},
        value=twin.value - 1,
        currency="USD",
    )
    last = max(n for n, o in enumerate(found) if o.kind == "price")
    found[last] = replace(found[last], currency=None)
    return tuple(found)


def _observation(rng: Random, n: int, day: date, products: tuple[Product, ...]) -> CompetitorObservation:
    kind, product = _KINDS[n % len(_KINDS)], rng.choice(products)
    value = None
    if kind == "price":
        value = (product.list_price * rng.randrange(80, 125) / 100).quantize(Decimal("0.01"))
    elif kind == "sales":
        value = Decimal(rng.randrange(1_000_000, 9_000_000, 50_000))
    return CompetitorObservation(
        observation_id=f"V{n:04}",
        competitor=NEWCOMER if n % 8 == 7 else rng.choice(COMPETITORS),
        observed_on=day,
        kind=kind,
        product_id=product.product_id if kind in ("price", "product") else None,
        country=rng.choice(("DE", "FR", None)),
        province=None,
        value=value,
        currency="EUR" if value is not None else None,
        note=f"Heard at a fair, {n:04}" if kind in ("product", "strategy") or n % 5 == 0 else None,
    )
