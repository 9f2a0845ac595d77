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
_LOOK_BACK = 90 * 24 * 60
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
    ends: list[tuple[datetime, str | None, str | None, str | None]] = []
    for lead in leads:
        if rng.random() < count / 2 / _TOUCHES / len(leads):
            ends.append((lead.converted_at or lead.created_at, None, lead.lead_id, lead.channel))
    bought: set[str] = set()
    chance = count / 2 / _TOUCHES / len({o.account_id for o in orders})
    for order in orders:
        if rng.random() < (chance * 0.1 if order.account_id in bought else chance):
            ends.append((order.ordered_at, order.account_id, None, order.channel))
        bought.add(order.account_id)
    found = [
        (*touch, account, lead)
        for n, (end, account, lead, channel) in enumerate(ends)
        for touch in _touches(rng, n, end, channel)
    ]
    tested = next(a for a in accounts if a.is_test)
    found += [(tested.created_at + timedelta(days=d), "social", tested.account_id, None) for d in (1, 2)]
    found = [touch for touch in found if happened(touch[0])]
    found.sort(key=lambda touch: tuple(str(part or "") for part in touch))
    return tuple(
        Touchpoint(f"N{n:05}", account, lead, channel, _campaign(rng, channel, local_day(moment), campaigns), moment)
        for n, (moment, channel, account, lead) in enumerate(found, start=1)
    )


def _touches(rng: Random, n: int, end: datetime, channel: str | None) -> list[tuple[datetime, str | None]]:
    """Return when and where somebody was met before `end`; the last touch mostly is the channel that is on record."""
    count = _COUNTS[n % len(_COUNTS)]
    moments = sorted(end - timedelta(minutes=rng.randrange(5, _LOOK_BACK)) for _ in range(count))
    places: list[str | None] = rng.choices(_CHANNELS, _WEIGHTS, k=count)
    if channel in _CHANNELS and count and rng.random() < 0.7:
        places[-1] = channel
    if n % 24 == 3:
        moments[0] = moments[1]
    if n % 24 == 4:
        places[0] = None
    return list(zip(moments, places, strict=True))


def _campaign(rng: Random, channel: str | None, day: date, campaigns: tuple[Campaign, ...]) -> str | None:
    running = [c.campaign_id for c in campaigns if c.channel == channel and c.starts_on <= day <= c.ends_on]
    return running[0] if running and rng.random() < 0.8 else None
