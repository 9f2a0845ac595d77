"""What the marketing of Alder & Finch costs."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import AS_OF, FIRST_DAY, LAST_DAY, at, month_starts
from pipelines.demo.model import Campaign, CampaignCost

_PAID = ("paid_search", "social")


def make_costs(rng: Random, campaigns: tuple[Campaign, ...]) -> tuple[CampaignCost, ...]:
    """Return what the campaigns cost over their flight, by day, and what paid channels cost each month without one.

    The last campaign but one is paid in USD. One cost names neither a campaign nor a channel.
    """
    costs = [cost for n, c in enumerate(campaigns) for cost in _campaign_costs(rng, c, n == len(campaigns) - 2)]
    for channel in _PAID:
        for start in month_starts(FIRST_DAY, LAST_DAY):
            amount = Decimal(rng.randrange(40_000, 190_000)).scaleb(-2)
            costs.append(_cost(rng, None, channel, start + timedelta(days=27), amount, "EUR"))
    costs.append(replace(costs[-1], channel=None, impressions=None, clicks=None))
    costs = [cost for cost in costs if at(cost.spent_on, 0) < AS_OF]
    costs.sort(key=lambda c: (c.spent_on, c.campaign_id or "", c.channel or ""))
    return tuple(replace(cost, cost_id=f"X{n:04}") for n, cost in enumerate(costs, start=1))


def _campaign_costs(rng: Random, campaign: Campaign, in_dollars: bool) -> Iterable[CampaignCost]:
    """Yield a campaign's costs: weekly on paid channels, on the first of the month elsewhere."""
    weekly = campaign.channel in _PAID
    days = [campaign.starts_on + timedelta(days=7 * n) for n in range(11)]
    days = days if weekly else list(month_starts(campaign.starts_on, campaign.ends_on))
    for day in days:
        amount = (campaign.budget / len(days) * rng.randrange(80, 115) / 100).quantize(Decimal("0.01"))
        yield _cost(rng, campaign.campaign_id, campaign.channel, day, amount, "USD" if in_dollars else "EUR")


def _cost(
    rng: Random, campaign_id: str | None, channel: str, day: date, amount: Decimal, currency: str
) -> CampaignCost:
    shown = rng.randrange(20_000, 90_000) if channel in _PAID else None
    clicks = shown * rng.randrange(8, 30) // 1000 if shown else None
    return CampaignCost("", campaign_id, channel, day, amount, currency, shown, clicks)
