"""Alder & Finch, an invented seller of outdoor goods to people and organisations in Europe, built from a seed."""

from random import Random

from pipelines.demo.accounts import make_accounts
from pipelines.demo.catalogue import make_campaigns, make_products, make_rates, make_users
from pipelines.demo.crm import make_leads, make_opportunities
from pipelines.demo.lines import make_lines, make_payments
from pipelines.demo.model import Company
from pipelines.demo.orders import make_orders
from pipelines.demo.surveys import make_surveys

NAME = "Alder & Finch"


def build_company(seed: int, scale: float) -> Company:
    """Return the company; scale 1 has about 4,000 orders. The same seed and scale give the same company."""
    rng = Random(seed)  # noqa: S311 - it has to be repeatable, not secret

    def about(count: int, least: int) -> int:
        return max(least, round(count * scale))

    campaigns, products = make_campaigns(rng), make_products(rng)
    accounts = make_accounts(rng, about(1500, 60))
    orders = make_orders(rng, about(4000, 200), accounts, campaigns)
    lines = make_lines(rng, orders, products, accounts)
    leads = make_leads(rng, about(2500, 120), accounts, campaigns)
    return Company(
        users=make_users(),
        products=products,
        campaigns=campaigns,
        exchange_rates=make_rates(rng),
        accounts=accounts,
        orders=orders,
        order_lines=lines,
        payments=make_payments(rng, orders, lines),
        leads=leads,
        opportunities=make_opportunities(rng, about(600, 50), leads, accounts, products),
        survey_responses=make_surveys(rng, about(2000, 200), orders, accounts),
    )
