"""What Alder & Finch has before anybody buys: products, campaigns and exchange rates."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import FIRST_DAY, LAST_DAY, month_starts
from pipelines.demo.model import Campaign, ExchangeRate, Product
from pipelines.demo.money import cents

METRE_GOODS = "Ropes"
HOLDOUT_SHARE = Decimal("0.2")
LEAD_CHANNELS = ("web_form", "referral", "trade_fair", "paid_search", "social", "partner")
_LINES = {
    "Tents": ("Ridge Tent", 18000, 62000),
    "Backpacks": ("Trail Pack", 5900, 24900),
    "Sleeping": ("Down Bag", 7900, 39900),
    "Clothing": ("Weather Shell", 3900, 29900),
    "Cooking": ("Camp Stove", 1490, 12900),
    METRE_GOODS: ("Climbing Rope", 290, 990),
}
_SIZES = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def make_products(rng: Random) -> tuple[Product, ...]:
    """Return 60 products, ten in each of six product lines, priced in EUR; ropes are sold by the metre.

    Only what is sold by the piece has a unit cost of four decimals, so that the cost of a line has at most four.
    """
    products = []
    for line, (stem, low, high) in _LINES.items():
        for size in _SIZES:
            price = Decimal(rng.randrange(low, high, 10)).scaleb(-2)
            cost = price * rng.randrange(42, 66) / 100
            products.append(
                Product(
                    product_id=f"P{len(products) + 1:03}",
                    name=f"{stem} {size}",
                    product_line=line,
                    category="by the metre" if line == METRE_GOODS else "by the piece",
                    list_price=price,
                    unit_cost=cents(cost) if line == METRE_GOODS else cost,
                    currency="EUR",
                )
            )
    return tuple(products)


def make_campaigns(rng: Random) -> tuple[Campaign, ...]:
    """Return twelve campaigns, four a year, each of one lead channel; every third is for those who are customers."""
    campaigns = []
    for n in range(12):
        starts = date(2023 + n // 4, 2 + 3 * (n % 4), 1)
        channel = LEAD_CHANNELS[n % len(LEAD_CHANNELS)]
        retention = n % 3 == 2
        campaigns.append(
            Campaign(
                campaign_id=f"CMP-{n + 1:02}",
                name=f"{('Spring', 'Summer', 'Autumn', 'Winter')[n % 4]} {starts.year}, {channel.replace('_', ' ')}",
                channel=channel,
                kind="retention" if retention else "acquisition",
                starts_on=starts,
                ends_on=starts + timedelta(days=75),
                budget=Decimal(rng.randrange(4000, 24000, 250)).quantize(Decimal("0.01")),
                currency="EUR",
                owner_user_id=f"U{10 + n % 2}",
                status="finished" if starts.year < 2025 or n % 4 < 3 else "running",
                holdout_share=HOLDOUT_SHARE if retention else None,
            )
        )
    return tuple(campaigns)


def make_rates(rng: Random) -> tuple[ExchangeRate, ...]:
    """Return the monthly rates USD to EUR.

    They begin a month before the first day: its first hour in Berlin is still December in UTC.
    """
    rates, level = [], 92_500_000
    for start in month_starts(FIRST_DAY - timedelta(days=1), LAST_DAY):
        level += rng.randrange(-1_500_000, 1_500_001)
        level = max(84_000_000, min(98_000_000, level))
        rates.append(ExchangeRate("USD", "EUR", start, Decimal(level).scaleb(-8)))
    return tuple(rates)
