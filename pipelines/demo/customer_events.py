"""What each customer did and what was done for it, by customer and time, without what does not count."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from pipelines.demo.answers_sales import SoldLine, sold_lines
from pipelines.demo.calendar import local_day
from pipelines.demo.customers import Population
from pipelines.demo.deal_history import Deal
from pipelines.demo.model import (
    Account,
    Activity,
    CampaignMember,
    Company,
    Lead,
    Opportunity,
    Order,
    Subscription,
    SurveyResponse,
    Ticket,
    Touchpoint,
)

Row = TypeVar("Row")


@dataclass(frozen=True)
class Sale:
    """An order that counts, in the reporting currency."""

    order: Order
    day: date
    revenue: Decimal
    cost: Decimal


class CustomerEvents:
    """The rows that count, by customer and in the order of time; a customer is named after its first account."""

    def __init__(self, company: Company, population: Population, deals: list[Deal]) -> None:
        """Take the good rows of the company; `deals` are those that count."""
        self.population = population
        self.speaker: dict[str, Account] = {a.account_id: a for a in company.accounts}
        self.lines: list[SoldLine] = list(sold_lines(company, population))
        self.campaign_starts = {c.campaign_id: c.starts_on for c in company.campaigns}
        self._owners = _Owners(company, population, deals)
        self.sales = self._sales(company)
        self.deals: dict[str, list[Deal]] = self._by(deals, lambda d: d.row.account_id, lambda d: d.row.created_at)
        self.contracts: dict[str, list[Subscription]] = self._by(
            company.subscriptions, lambda s: s.account_id, lambda s: s.starts_on
        )
        owners = self._owners
        self.leads: dict[str, list[Lead]] = self._by(company.leads, owners.of_lead, lambda r: r.created_at)
        self.activities: dict[str, list[Activity]] = self._by(
            company.activities, owners.of_activity, lambda r: r.occurred_at
        )
        self.tickets: dict[str, list[Ticket]] = self._by(company.tickets, owners.of_ticket, lambda r: r.created_at)
        self.touchpoints: dict[str, list[Touchpoint]] = self._by(
            company.touchpoints, owners.of_named, lambda r: r.occurred_at
        )
        self.members: dict[str, list[CampaignMember]] = self._by(
            company.campaign_members, owners.of_named, lambda r: r.member_id
        )
        self.answers: dict[str, list[SurveyResponse]] = self._by(
            [s for s in company.survey_responses if s.responded_at], owners.of_survey, lambda r: r.responded_at
        )

    def customers(self) -> list[str]:
        """Return every customer who bought or has an account that is neither a test nor deleted."""
        return sorted({*self.population.first_seen(), *self.population.purchases})

    def _sales(self, company: Company) -> dict[str, list[Sale]]:
        revenue: dict[str, Decimal] = {}
        cost: dict[str, Decimal] = {}
        for sold in self.lines:
            key = sold.order.order_id
            revenue[key] = revenue.get(key, Decimal(0)) + sold.revenue
            cost[key] = cost.get(key, Decimal(0)) + sold.cost
        counted = [order for order in company.orders if self.population.bucket(order) is None]
        orders = self._by(counted, lambda o: o.account_id, lambda o: o.ordered_at)
        zero = Decimal(0)
        return {
            customer: [
                Sale(o, local_day(o.ordered_at), revenue.get(o.order_id, zero), cost.get(o.order_id, zero))
                for o in found
            ]
            for customer, found in orders.items()
        }

    def _by(
        self, rows: Iterable[Row], account: Callable[[Row], str | None], moment: Callable[[Row], datetime | date | str]
    ) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in rows:
            account_id = account(row)
            if account_id and account_id not in self.population.test_accounts:
                found.setdefault(self.population.customer[account_id], []).append(row)
        return {customer: sorted(events, key=moment) for customer, events in sorted(found.items())}


class _Owners:
    """Whose a row is: the account it names, or that of the deal or lead it names; None where the row does not count."""

    def __init__(self, company: Company, population: Population, deals: list[Deal]) -> None:
        self._population = population
        self._leads = {lead.lead_id: lead for lead in company.leads}
        self._orders = {order.order_id: order for order in company.orders}
        self._tests = {o.opportunity_id for o in company.opportunities if o.is_test}
        self._deals = {deal.row.opportunity_id: deal.row for deal in deals}
        self._first: dict[str, Opportunity] = {}
        for deal in sorted(self._deals.values(), key=lambda d: d.created_at):
            self._first.setdefault(deal.lead_id or "", deal)

    def of_lead(self, lead: Lead) -> str | None:
        """Return the account of a lead; one that names none became a customer with its first deal, if it has one."""
        if lead.is_test:
            return None
        deal = self._first.get(lead.lead_id)
        return lead.account_id or (deal.account_id if deal else None)

    def of_named(self, row: Touchpoint | CampaignMember) -> str | None:
        """Return the account of a row that names an account or a lead."""
        lead = self._leads.get(row.lead_id or "")
        if lead and lead.is_test:
            return None
        return row.account_id or (lead.account_id if lead else None)

    def of_activity(self, activity: Activity) -> str | None:
        """Return the account of an activity; what is said to a customer was said, even about a deleted deal."""
        deal, lead = self._deals.get(activity.opportunity_id or ""), self._leads.get(activity.lead_id or "")
        if activity.opportunity_id in self._tests or (lead and lead.is_test):
            return None
        return activity.account_id or (deal.account_id if deal else lead.account_id if lead else None)

    def of_ticket(self, ticket: Ticket) -> str | None:
        return self._of_order(ticket.order_id, ticket.account_id)

    def of_survey(self, survey: SurveyResponse) -> str | None:
        return self._of_order(survey.order_id, survey.account_id)

    def _of_order(self, order_id: str | None, account_id: str | None) -> str | None:
        """Return the account of what is about an order; what is about a deleted order or a test does not count."""
        order = self._orders.get(order_id or "")
        if order and self._population.bucket(order) in ("deleted", "test"):
            return None
        return account_id or (order.account_id if order else None)
