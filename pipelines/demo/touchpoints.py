"""Where people met the marketing of Alder & Finch before they became leads or customers."""

from datetime import date, datetime, timedelta
from random import Random

from pipelines.demo.calendar import happened, local_day
from pipelines.demo.catalogue import LEAD_CHANNELS
from pipelines.demo.model import Account, Campaign, Lead, Order, Touchpoint

_CHANNELS = (*LEAD_CHANNELS, "email")
_WEIGHTS = (20, 10, 6, 26, 22, 4, 12)
# How many touches come before a conversion; some have none.
_COUNTS = (0, 1, 1, 2, 2, 3, 4, 6)
_TOUCHES = sum(_COUNTS) / len(_COUNTS)


def make_touchpoints(
    rng: Random,
    count: int,
    accounts: tuple[Account, ...],
    orders: tuple[Order, ...],
    leads: tuple[Lead, ...],
    campaigns: tuple[Campaign, ...],
) -> tuple[Touchpoint, ...]:
    """Return about `count` touches, by time: half before leads, half before first and some later orders.

    Some are at the same instant, some of unknown channel, some of a test account.
    """
    found = []
    for n, lead in enumerate(leads):
        if rng.random() < count / 2 / _TOUCHES / len(leads):
            end = lead.converted_at or lead.created_at
            found += [
                (moment, None, lead.lead_id, channel)
                for moment, channel in _touches(rng, n, end, lead.channel, days=75)
            ]
    bought: set[str] = set()
    chance = count / 2 / _TOUCHES / len({o.account_id for o in orders})
    for n, order in enumerate(orders):
        if rng.random() < (chance * 0.1 if order.account_id in bought else chance):
            found += [
                (moment, order.account_id, None, channel)
                for moment, channel in _touches(rng, n, order.ordered_at, order.channel, days=100)
            ]
        bought.add(order.account_id)
    tested = next(a for a in accounts if a.is_test)
    found += [(tested.created_at + timedelta(days=d), tested.account_id, None, "social") for d in (1, 2)]
    found = [touch for touch in found if happened(touch[0])]
    found.sort(key=lambda touch: (touch[0], touch[1] or "", touch[2] or "", touch[3] or ""))
    return tuple(
        Touchpoint(f"N{n:05}", account, lead, channel, _campaign(rng, channel, local_day(moment), campaigns), moment)
        for n, (moment, account, lead, channel) in enumerate(found, start=1)
    )


def _touches(rng: Random, n: int, end: datetime, channel: str | None, days: int) -> list[tuple[datetime, str | None]]:
    """Return when and where somebody was met before `end`; the last touch mostly is the channel that is on record."""
    count = _COUNTS[n % len(_COUNTS)] if n % 50 else 2
    moments = sorted(end - timedelta(minutes=rng.randrange(5, days * 24 * 60)) for _ in range(count))
    if n % 50 == 0:
        moments[0] = moments[1]
    places: list[str | None] = rng.choices(_CHANNELS, _WEIGHTS, k=count)
    if channel in _CHANNELS and count and rng.random() < 0.7:
        places[-1] = channel
    if n % 37 == 4 and count:
        places[0] = None
    return list(zip(moments, places, strict=True))


def _campaign(rng: Random, channel: str | None, day: date, campaigns: tuple[Campaign, ...]) -> str | None:
    running = [c.campaign_id for c in campaigns if c.channel == channel and c.starts_on <= day <= c.ends_on]
    return running[0] if running and rng.random() < 0.8 else None
