"""What comes back to Alder & Finch."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import happened, local_day, office_time
from pipelines.demo.model import Order, OrderLine, ReturnLine
from pipelines.demo.money import cents

_REASONS = ("defect", "wrong size", "damaged in transit", "not as described", None)
_REASON_WEIGHTS = (28, 36, 14, 12, 10)
_CARRIERS = ("Postweg", "Nordfracht", "Radkurier", None)
_MONTHS_LATER = timedelta(days=170)


def make_returns(
    rng: Random, count: int, orders: tuple[Order, ...], lines: tuple[OrderLine, ...], tests: set[str]
) -> tuple[ReturnLine, ...]:
    """Return about `count` returns of delivered lines, by time, mostly of the whole line.

    One comes months later and one line in two parts; each test or deleted order that was delivered has one.
    """
    delivered = {o.order_id: o for o in orders if o.delivered_at}
    known = [line for line in lines if line.order_id in delivered]
    excluded = [line for line in known if _is_excluded(delivered[line.order_id], tests)]
    usual = [line for line in known if not _is_excluded(delivered[line.order_id], tests)]
    chosen = list({line.order_id: line for line in excluded}.values())
    chosen += rng.sample(usual, max(0, count - len(chosen)))
    returns = [_return(rng, n, line, delivered[line.order_id]) for n, line in enumerate(chosen)]
    taken = {line.order_line_id for line in chosen}
    early, second = [line for line in usual if line.order_line_id not in taken and line.quantity >= 2][:2]
    returns.append(_return(rng, 0, early, delivered[early.order_id], wait=_MONTHS_LATER))
    returns += _in_two_parts(rng, second, delivered[second.order_id])
    found = [r for r in returns if happened(r.returned_at)]
    found.sort(key=lambda r: (r.returned_at, r.order_line_id))
    return tuple(replace(r, return_id=f"R{n:05}") for n, r in enumerate(found, start=1))


def _is_excluded(order: Order, tests: set[str]) -> bool:
    return order.is_test or order.is_deleted or order.account_id in tests


def _in_two_parts(rng: Random, line: OrderLine, order: Order) -> list[ReturnLine]:
    first = replace(_return(rng, 0, line, order), quantity=Decimal(1), amount=None)
    again = first.returned_at + timedelta(days=9)
    return [first, replace(first, returned_at=again, quantity=line.quantity - 1, reason="defect")]


def _return(rng: Random, n: int, line: OrderLine, order: Order, wait: timedelta | None = None) -> ReturnLine:
    """Return what comes back of a line; every third is valued by the line, every fourth is a part of it."""
    quantity = line.quantity
    if n % 4 == 1 and quantity >= 2:
        quantity = Decimal(rng.randrange(1, int(quantity)))
    day = local_day(order.delivered_at) + (wait or timedelta(days=rng.randrange(2, 26)))
    return ReturnLine(
        return_id="",
        order_line_id=line.order_line_id,
        returned_at=office_time(rng, day),
        quantity=quantity,
        amount=None if n % 3 == 2 else cents(line.revenue * quantity / line.quantity),
        reason=_REASONS[n % len(_REASONS)] if n % 4 == 0 else rng.choices(_REASONS, _REASON_WEIGHTS)[0],
        carrier=rng.choice(_CARRIERS),
    )
