"""Alder & Finch, an invented seller of outdoor goods to people and organisations in Europe, built from a seed."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from pipelines.demo.accounts import make_accounts
from pipelines.demo.activities import make_activities
from pipelines.demo.calendar import month_ends
from pipelines.demo.catalogue import make_campaigns, make_products, make_rates
from pipelines.demo.comments import with_comments
from pipelines.demo.contracts import make_subscriptions
from pipelines.demo.costs import make_costs
from pipelines.demo.customers import NOT_SOLD
from pipelines.demo.deals import make_deals
from pipelines.demo.governance import make_decisions, make_publications
from pipelines.demo.invoices import make_invoices, make_payments
from pipelines.demo.leads import make_leads
from pipelines.demo.lines import amounts_due, make_lines
from pipelines.demo.marketing import make_members
from pipelines.demo.markets import make_market_sizes, make_observations
from pipelines.demo.model import Company, Opportunity, Order, Target
from pipelines.demo.office import make_office_costs, make_projects, make_tasks
from pipelines.demo.orders import make_orders
from pipelines.demo.profiles import make_contacts, with_profiles
from pipelines.demo.returns import make_returns
from pipelines.demo.service import make_tickets
from pipelines.demo.service_rules import make_holidays, make_policies, make_schedules, make_service_costs
from pipelines.demo.stage_log import tell
from pipelines.demo.stages import WON, make_stages
from pipelines.demo.surveys import make_surveys
from pipelines.demo.targets import make_targets
from pipelines.demo.teams import make_teams, make_users
from pipelines.demo.ticket_log import make_ticket_events, make_ticket_surveys
from pipelines.demo.touchpoints import make_touchpoints

NAME = "Alder & Finch"


def build_company(seed: int, scale: float) -> Company:
    """Return the company; scale 1 has about 4,000 orders. The same seed and scale give the same company."""

    def chance(part: str) -> Random:
        """Return the dice of one part of the company: what one part throws changes no other part."""
        return Random(f"{seed} {part}")  # noqa: S311 - it has to be repeatable, not secret

    def about(count: int, least: int) -> int:
        return max(least, round(count * scale))

    campaigns, products = make_campaigns(chance("campaigns")), make_products(chance("products"))
    accounts = with_profiles(chance("profiles"), make_accounts(chance("accounts"), about(1500, 60)), campaigns)
    contacts = make_contacts(chance("contacts"), accounts)
    leads = make_leads(chance("leads"), about(2500, 120), accounts, campaigns)
    orders = make_orders(chance("orders"), about(4000, 200), accounts, campaigns)
    begun, links = make_deals(chance("deals"), about(600, 50), leads, accounts, products, orders)
    deals, log = tell(chance("stage log"), begun, set(links.values()))
    orders = tuple(replace(order, opportunity_id=links.get(order.order_id)) for order in orders)
    lines = make_lines(chance("lines"), orders, products, accounts)
    due = amounts_due(orders, lines)
    invoices = make_invoices(chance("invoices"), orders, due)
    tests = {a.account_id for a in accounts if a.is_test}
    tickets = make_tickets(chance("tickets"), about(700, 60), accounts, contacts, orders)
    surveys = make_surveys(chance("surveys"), about(2000, 200), orders, accounts)
    surveys += make_ticket_surveys(chance("ticket surveys"), tickets)
    projects = make_projects(chance("projects"), accounts)
    publications = make_publications(chance("publications"))
    return Company(
        users=make_users(),
        teams=make_teams(),
        products=products,
        campaigns=campaigns,
        exchange_rates=make_rates(chance("rates")),
        accounts=accounts,
        contacts=contacts,
        orders=orders,
        order_lines=lines,
        return_lines=make_returns(chance("returns"), about(250, 45), orders, lines, tests),
        invoices=invoices,
        payments=make_payments(chance("payments"), orders, due, invoices),
        subscriptions=make_subscriptions(chance("subscriptions"), about(120, 30), accounts, orders),
        leads=leads,
        stages=make_stages(),
        opportunities=deals,
        opportunity_stage_changes=log,
        activities=make_activities(chance("activities"), about(6000, 300), accounts, contacts, leads, deals, orders),
        targets=_targets(chance("targets"), orders, due, deals),
        campaign_members=make_members(chance("members"), about(2000, 100), campaigns, accounts, orders, leads),
        campaign_costs=make_costs(chance("costs"), campaigns),
        touchpoints=make_touchpoints(chance("touchpoints"), about(3000, 160), accounts, orders, leads, campaigns),
        tickets=tickets,
        survey_responses=with_comments(chance("comments"), surveys),
        ticket_events=make_ticket_events(chance("ticket log"), tickets),
        sla_policies=make_policies(),
        business_schedules=make_schedules(),
        holidays=make_holidays(),
        service_costs=make_service_costs(),
        costs=make_office_costs(chance("office costs"), about(300, 40), accounts, projects),
        projects=projects,
        project_tasks=make_tasks(chance("project tasks"), projects),
        report_publications=publications,
        report_decisions=make_decisions(chance("decisions"), publications),
        market_sizes=make_market_sizes(chance("market sizes")),
        competitor_observations=make_observations(chance("competitors"), about(180, 40), products),
    )


def _targets(
    rng: Random, orders: tuple[Order, ...], due: dict[str, Decimal], deals: tuple[Opportunity, ...]
) -> tuple[Target, ...]:
    """Return targets of the size of what is sold and won in a month on average, currencies aside."""
    won = [deal.amount or 0 for deal in deals if deal.outcome == WON]
    sold = [due[order.order_id] for order in orders if order.status not in NOT_SOLD]
    months = len(list(month_ends()))
    return make_targets(rng, Decimal(sum(sold)) / months, Decimal(sum(won)) / months)
