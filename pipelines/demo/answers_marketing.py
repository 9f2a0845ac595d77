"""The known answers about campaigns: whom they reached, what they cost and what they brought."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pipelines.demo.answers_sales import sold_lines
from pipelines.demo.calendar import local_day, period_keys
from pipelines.demo.customers import Population
from pipelines.demo.deal_history import WON, Deal
from pipelines.demo.model import CampaignMember, Company, Order
from pipelines.demo.money import Rates, cents
from pipelines.demo.totals import UNKNOWN

_GRAINS = ("month", "quarter", "year")
_AUDIENCE = ("invited", "delivered", "opened", "responded", "attended", "held_out")


class Origins:
    """Which campaign an order or a deal comes from, by what is recorded."""

    def __init__(self, company: Company) -> None:
        """Take the good rows of the company."""
        self._known = {c.campaign_id for c in company.campaigns}
        self._deals = {d.opportunity_id: d for d in company.opportunities if not d.is_deleted}
        self._leads = {lead.lead_id: lead for lead in company.leads}

    def of(self, campaign_id: str | None) -> str:
        """Return the campaign if it is one."""
        return campaign_id if campaign_id in self._known else UNKNOWN

    def of_deal(self, deal_id: str | None) -> str:
        """Return the campaign that a deal names, or else its lead."""
        deal = self._deals.get(deal_id or "")
        lead = self._leads.get(deal.lead_id or "") if deal else None
        own = self.of(deal.campaign_id) if deal else UNKNOWN
        return self.of(lead.campaign_id) if own == UNKNOWN and lead else own

    def of_order(self, order: Order) -> str:
        """Return the campaign that an order names, or else its deal."""
        own = self.of(order.campaign_id)
        return self.of_deal(order.opportunity_id) if own == UNKNOWN else own


def first_orders(company: Company, population: Population) -> dict[str, Order]:
    """Return customer -> its first order that counts."""
    found: dict[str, Order] = {}
    for order in sorted(company.orders, key=lambda o: (o.ordered_at, o.order_id)):
        if population.bucket(order) is None:
            found.setdefault(population.customer[order.account_id], order)
    return found


def campaigns(company: Company, population: Population, deals: list[Deal]) -> dict[str, dict]:
    """Return campaign -> its audience, each person once, and its figures since it began; `(unknown)` for the rest."""
    totals: dict[str, Counter] = defaultdict(Counter)
    for _, campaign, figure, amount in _happenings(company, population, deals):
        totals[campaign][figure] += amount
    origins = Origins(company)
    first = {order.order_id for order in first_orders(company, population).values()}
    for sold in sold_lines(company, population):
        totals[origins.of_order(sold.order)]["gross_profit"] += sold.revenue - sold.cost
    for order in company.orders:
        if population.bucket(order) is None:
            campaign = origins.of_order(order)
            totals[campaign]["orders"] += 1
            totals[campaign]["customers"] += order.order_id in first
    audiences = _audiences(company, population)
    names = sorted({c.campaign_id for c in company.campaigns} | set(totals))
    return {name: audiences.get(name, dict.fromkeys(_AUDIENCE, 0)) | _figures(totals[name]) for name in names}


def campaign_trend(company: Company, population: Population, deals: list[Deal]) -> dict[str, dict]:
    """Return grain -> period -> campaign -> cost, impressions, clicks, leads, won and revenue, each by its own date."""
    sums: dict[str, dict[str, dict[str, Counter]]] = {grain: {} for grain in _GRAINS}
    for day, campaign, figure, amount in _happenings(company, population, deals):
        for grain, key in period_keys(day).items():
            sums[grain].setdefault(key, {}).setdefault(campaign, Counter())[figure] += amount
    return {
        grain: {
            key: {name: _figures(found) for name, found in sorted(members.items())} for key, members in keys.items()
        }
        for grain, keys in sums.items()
    }


def _happenings(
    company: Company, population: Population, deals: list[Deal]
) -> Iterator[tuple[date, str, str, Decimal | int]]:
    """Yield day, campaign, figure and amount of everything that is dated and counts."""
    rates, origins = Rates(company.exchange_rates), Origins(company)
    for cost in company.campaign_costs:
        campaign = origins.of(cost.campaign_id)
        yield cost.spent_on, campaign, "cost", cents(cost.amount * rates.on(cost.currency, cost.spent_on))
        yield cost.spent_on, campaign, "impressions", cost.impressions or 0
        yield cost.spent_on, campaign, "clicks", cost.clicks or 0
    for lead in company.leads:
        if not lead.is_test and lead.account_id not in population.test_accounts:
            yield local_day(lead.created_at), origins.of(lead.campaign_id), "leads", 1
    for deal in deals:
        if deal.row.outcome == WON and deal.row.closed_at:
            yield local_day(deal.row.closed_at), origins.of_deal(deal.row.opportunity_id), "won", 1
    for sold in sold_lines(company, population):
        yield local_day(sold.order.ordered_at), origins.of_order(sold.order), "revenue", sold.revenue


def _figures(found: Counter) -> dict[str, str | int]:
    money = ("cost", "revenue", "gross_profit")
    counts = {name: int(found[name]) for name in ("impressions", "clicks", "leads", "won", "orders", "customers")}
    return counts | {name: f"{Decimal(found[name]):.2f}" for name in money}


def _audiences(company: Company, population: Population) -> dict[str, dict[str, int]]:
    """Return campaign -> how many persons it invited, reached and so on; here a person is a lead or a customer."""
    leads = {lead.lead_id: lead for lead in company.leads}
    persons: dict[str, dict[str, set[str]]] = defaultdict(lambda: {name: set() for name in _AUDIENCE})
    for member in company.campaign_members:
        lead = leads.get(member.lead_id or "")
        account = member.account_id or (lead.account_id if lead else None)
        if account in population.test_accounts or (lead and lead.is_test):
            continue
        person = member.lead_id or population.customer[member.account_id]
        for step in _steps(member):
            persons[member.campaign_id][step].add(person)
    for found in persons.values():
        found["held_out"] -= found["invited"]
    return {name: {step: len(who) for step, who in found.items()} for name, found in persons.items()}


def _steps(member: CampaignMember) -> list[str]:
    if member.is_holdout:
        return ["held_out"]
    if member.bounced_at:
        return ["invited"]
    happened = {"opened": member.opened_at or member.clicked_at, "responded": member.responded_at}
    happened["attended"] = member.attended_at
    return ["invited", "delivered", *(step for step, moment in happened.items() if moment)]
