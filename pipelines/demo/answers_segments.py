"""The known answers about segments of customers: how many are in each, and what they buy."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from pipelines.demo.answers_classes import NEW, Classes, attributes
from pipelines.demo.answers_folding import shown
from pipelines.demo.calendar import all_periods, local_day, period_bounds, period_keys
from pipelines.demo.customer_events import CustomerEvents
from pipelines.demo.totals import UNKNOWN, exact

_CLASSES = {"value_tier": "value_tier", "rfm": "rfm_segment", "abc": "abc_class"}
_DAYS = (date(2023, 1, 20), date(2024, 3, 14), date(2025, 11, 29))


def segments_of(events: CustomerEvents, classes: Classes, customer: str, day: date, assigned_by: date) -> dict:
    """Return kind -> segment of a customer on `day`, with the classes assigned last up to `assigned_by`."""
    standing = classes.at(customer, assigned_by)
    found = {kind: getattr(standing, name) if standing else NEW for kind, name in _CLASSES.items()}
    return found | shown(events, customer, attributes(events.speaker[customer], day))


def customer_segments(events: CustomerEvents, classes: Classes) -> dict[str, dict[str, dict]]:
    """Return grain -> period -> `kind|segment` -> customers at its end, and the revenue they brought in it.

    A customer is somebody who has bought by the end of the period. Of the days there are some within a month, on
    which some customers have no class yet.
    """
    found = {
        grain: {key: _within(events, classes, *period_bounds(key)) for key in keys}
        for grain, keys in all_periods().items()
    }
    return found | {"day": {f"{day}": _within(events, classes, day, day + timedelta(days=1)) for day in _DAYS}}


def _within(events: CustomerEvents, classes: Classes, start: date, end: date) -> dict[str, dict]:
    last = end - timedelta(days=1)
    found: dict[str, list] = {}
    for customer, sales in events.sales.items():
        if sales[0].day > last:
            continue
        revenue = sum((sale.revenue for sale in sales if start <= sale.day <= last), Decimal(0))
        for member in segments_of(events, classes, customer, last, last).items():
            sums = found.setdefault("|".join(member), [0, Decimal(0)])
            sums[0] += 1
            sums[1] += revenue
    return {name: {"customers": n, "revenue": f"{revenue:.2f}"} for name, (n, revenue) in sorted(found.items())}


def sales_by_segment(events: CustomerEvents, classes: Classes) -> dict[str, dict[str, dict]]:
    """Return what was sold to whom: month -> `kind|segment` and year -> `product line|kind|segment` -> figures.

    A segment is that of the day of the order, with the classes assigned last before it.
    """
    sums: dict[str, dict[str, dict[str, list]]] = {"month": {}, "year": {}}
    for customer, periods, line, member, revenue, units in _sold(events, classes):
        for grain, name in (("month", member), ("year", f"{line}|{member}")):
            found = sums[grain].setdefault(periods[grain], {}).setdefault(name, [Decimal(0), Decimal(0), set()])
            found[0] += revenue
            found[1] += units
            found[2].add(customer)
    return {
        grain: {
            key: {name: _figures(*found, with_customers=grain == "year") for name, found in sorted(members.items())}
            for key, members in sorted(keys.items())
        }
        for grain, keys in sums.items()
    }


def _sold(events: CustomerEvents, classes: Classes) -> Iterator[tuple]:
    """Yield customer, periods, product line, `kind|segment`, revenue and units, once for each kind and sold line."""
    members: dict[tuple[str, date], list[str]] = {}
    for sold in events.lines:
        day, customer = local_day(sold.order.ordered_at), events.population.customer[sold.order.account_id]
        if (customer, day) not in members:
            found = segments_of(events, classes, customer, day, day - timedelta(days=1))
            members[customer, day] = ["|".join(member) for member in found.items()]
        line, periods = sold.product.product_line if sold.product else UNKNOWN, period_keys(day)
        for member in members[customer, day]:
            yield customer, periods, line, member, sold.revenue, sold.line.quantity


def _figures(revenue: Decimal, units: Decimal, customers: set[str], with_customers: bool) -> dict[str, str | int]:
    figures: dict[str, str | int] = {"revenue": f"{revenue:.2f}", "units": exact(units)}
    return figures | {"customers": len(customers)} if with_customers else figures
