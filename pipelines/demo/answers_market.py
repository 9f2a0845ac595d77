"""The known answers about competitors and markets."""

from bisect import bisect_left
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from pipelines.demo.answers_sales import SoldLine, sold_lines
from pipelines.demo.calendar import AS_OF, all_periods, local_day, period_bounds, period_keys
from pipelines.demo.customers import Population
from pipelines.demo.deal_history import LOST, WON, Deal
from pipelines.demo.model import Company, CompetitorObservation, MarketSize
from pipelines.demo.money import REPORTING_CURRENCY, Rates, cents
from pipelines.demo.totals import UNKNOWN

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def competitors(company: Company, deals: list[Deal]) -> dict[str, dict]:
    """Return grain -> period -> competitor -> won, lost and observations; and, where one was seen by its end, the price
    that was seen last, in cents of the reporting currency, and its day."""
    rates = Rates(company.exchange_rates)
    sums: dict[str, dict[str, dict[str, Counter]]] = {grain: {} for grain in _MONTHS}
    happened = [
        (local_day(d.row.closed_at), d.row.competitor or UNKNOWN, d.row.outcome) for d in deals if d.row.closed_at
    ]
    happened += [(seen.observed_on, seen.competitor, "seen") for seen in company.competitor_observations]
    for day, name, what in happened:
        for grain, key in period_keys(day).items():
            sums[grain].setdefault(key, {}).setdefault(name, Counter())[what] += 1
    prices = sorted(
        (o for o in company.competitor_observations if o.kind == "price"),
        key=lambda o: (o.observed_on, o.observation_id),
    )
    return {
        grain: {
            key: {
                name: {"won": found[WON], "lost": found[LOST], "seen": found["seen"]} | _price(prices, name, key, rates)
                for name, found in sorted(sums[grain].get(key, {}).items())
            }
            for key in keys
        }
        for grain, keys in all_periods().items()
    }


def _price(prices: list[CompetitorObservation], name: str, key: str, rates: Rates) -> dict[str, str | None]:
    known = [o for o in prices if o.competitor == name and o.observed_on < period_bounds(key)[1]]
    if not known:
        return {"price": None, "price_on": None}
    last = known[-1]
    rate = rates.on(last.currency or REPORTING_CURRENCY, last.observed_on)
    return {"price": f"{cents((last.value or Decimal(0)) * rate):.2f}", "price_on": last.observed_on.isoformat()}


def markets(company: Company, population: Population) -> dict[str, dict]:
    """Return grain|start|country|province|segment|unit -> size, publisher, our sales in it (None where they cannot be
    compared), and size and sales of the period before by the same publisher."""
    lines = sorted(sold_lines(company, population), key=lambda sold: local_day(sold.order.ordered_at))
    days = [local_day(sold.order.ordered_at) for sold in lines]
    rates, found = Rates(company.exchange_rates), {}
    sizes = sorted(company.market_sizes, key=lambda size: size.published_on)
    for size in sizes:
        last = [s for s in sizes if _market(s) == _market(size) and s.period_start == size.period_start][-1]
        start = _shifted(last, -1)
        earlier = [
            s for s in sizes if (_market(s), s.publisher, s.period_start) == (_market(size), last.publisher, start)
        ]
        before = earlier[-1] if earlier else None

        def ours(one: MarketSize | None) -> str | None:
            if one is None or one.segment == "Boats" or one.country == "IT":
                return None
            end = _shifted(one, 1)
            if end <= days[0] or end > local_day(AS_OF):
                return None
            within = lines[bisect_left(days, one.period_start) : bisect_left(days, end)]
            return f"{sum((_sold(one, line) for line in within), Decimal(0)):.4f}"

        name = "|".join((last.period_grain, last.period_start.isoformat(), *_market(last)[1:]))
        found[name] = {
            "size": _size(last, rates),
            "publisher": last.publisher,
            "ours": ours(last),
            "size_before": _size(before, rates) if before else None,
            "ours_before": ours(before),
        }
    return found


def _market(size: MarketSize) -> tuple[str, ...]:
    """What the figure is about, but for the period."""
    return (size.period_grain, size.country or "(all)", size.province or "(all)", size.segment or "(all)", size.unit)


def _shifted(size: MarketSize, periods: int) -> date:
    month = size.period_start.year * 12 + size.period_start.month - 1 + periods * _MONTHS[size.period_grain]
    return date(month // 12, month % 12 + 1, 1)


def _size(size: MarketSize, rates: Rates) -> str:
    if size.unit == "volume":
        return f"{size.size:.2f}"
    return (
        f"{cents(size.size * rates.on(size.currency or REPORTING_CURRENCY, _shifted(size, 1) - timedelta(days=1))):.2f}"
    )


def _sold(size: MarketSize, sold: SoldLine) -> Decimal:
    """Return what a line is worth in a market; nothing where it is elsewhere."""
    line = sold.product.product_line if sold.product else UNKNOWN
    named = ((size.country, sold.order.country), (size.province, sold.order.province), (size.segment, line))
    if any(wanted and wanted != given for wanted, given in named):
        return Decimal(0)
    return sold.line.quantity if size.unit == "volume" else sold.revenue
