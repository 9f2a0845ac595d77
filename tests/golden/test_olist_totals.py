"""The Olist release against the totals that were published with the data set (its README), to the cent."""

from datetime import date
from decimal import Decimal

import pytest

from tests.support import ask, money, needs_olist, one

pytestmark = [needs_olist, pytest.mark.xdist_group("olist")]

ORDERS = {"delivered": 6690, "shipped": 77, "canceled": 46, "unavailable": 34, "processing": 22, "invoiced": 18}
PAYMENTS = {
    "credit_card": (5298, "846950.23"),
    "boleto": (1378, "204410.38"),
    "voucher": (429, "30207.37"),
    "debit_card": (102, "16434.12"),
    "not_defined": (1, "0.00"),
}
LEADS = {
    "organic_search": (2296, 271),
    "paid_search": (1586, 195),
    "social": (1350, 75),
    "unknown": (1099, 179),
    "direct_traffic": (499, 56),
    "email": (493, 15),
    "referral": (284, 24),
    "other": (150, 4),
    "display": (118, 6),
    "other_publicities": (65, 3),
    "(unknown)": (60, 14),
}
REVIEWS = {1: 796, 2: 229, 3: 568, 4: 1326, 5: 3947}
MONTHS = {
    "2017-11": (489, "74696.91"),
    "2018-01": (520, "79982.94"),
    "2018-04": (516, "85901.96"),
    "2018-08": (458, "72731.39"),
    "2018-09": (1, "0.00"),
}
WON = {
    "2017-12": 3, "2018-01": 73, "2018-02": 113, "2018-03": 147, "2018-04": 207, "2018-05": 122,
    "2018-06": 57, "2018-07": 37, "2018-08": 33, "2018-09": 23, "2018-10": 21, "2018-11": 6,
}  # fmt: skip
STATES = {"SP": 2926, "RJ": 866, "MG": 806, "PR": 361, "RS": 358}


def test_orders_by_status(olist_home):
    assert dict(ask(olist_home, "select source_status, count(*) from core.fct_orders group by 1")) == ORDERS


def test_payments_by_type(olist_home):
    rows = ask(olist_home, "select method, count(*), sum(amount) from core.fct_payments group by 1")
    assert {method: (count, money(total)) for method, count, total in rows} == {
        method: (count, Decimal(total)) for method, (count, total) in PAYMENTS.items()
    }
    assert money(one(olist_home, "select sum(amount) from core.fct_payments")) == Decimal("1098002.10")


def test_payments_by_month(olist_home):
    rows = ask(
        olist_home,
        "select strftime(paid_on, '%Y-%m'), count(distinct order_id), sum(amount) from core.fct_payments group by 1",
    )
    found = {month: (orders, money(total)) for month, orders, total in rows}
    assert {month: found[month] for month in MONTHS} == {m: (n, Decimal(t)) for m, (n, t) in MONTHS.items()}


def test_item_price_and_freight(olist_home):
    assert money(one(olist_home, "select sum(revenue) from core.fct_order_lines")) == Decimal("928863.18")
    assert money(one(olist_home, "select sum(shipping) from core.fct_order_lines")) == Decimal("156471.55")
    assert one(olist_home, "select count(*) from core.fct_order_lines") == 7790
    assert one(olist_home, "select count(distinct product_id) from core.fct_order_lines") == 4917
    assert one(olist_home, "select count(*) from core.fct_orders where lines = 0") == 46


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_leads_and_won_by_origin_at_every_grain(olist_home, grain):
    rows = ask(
        olist_home,
        "select channel, sum(leads), sum(won), sum(converted) from marts.rpt_lead_sources "
        f"where period_grain = '{grain}' group by 1",
    )
    assert {channel: (leads, won) for channel, leads, won, _ in rows} == LEADS
    assert sum(converted for *_, converted in rows) == 842


def test_won_by_month(olist_home):
    rows = ask(olist_home, "select strftime(closed_on, '%Y-%m'), count(*) from core.fct_opportunities group by 1")
    assert dict(rows) == WON


def test_days_from_lead_to_won(olist_home):
    ((mean, median),) = ask(
        olist_home, "select avg(days_to_convert), median(floor(days_to_convert)) from core.fct_leads where is_won"
    )
    assert median == 14
    assert 48 < mean < 49.5


def test_reviews_by_score(olist_home):
    rows = ask(olist_home, "select cast(score as integer), count(*) from core.fct_survey_responses group by 1")
    assert dict(rows) == REVIEWS
    ((responses, satisfied, score_sum),) = ask(
        olist_home,
        "select sum(responses), sum(satisfied), sum(mean_score_numerator) from marts.rpt_customer_satisfaction "
        "where period_grain = 'month'",
    )
    assert (responses, satisfied) == (6866, 1326 + 3947)
    assert round(float(score_sum) / responses, 4) == 4.0776


def test_customers_are_persons(olist_home):
    assert one(olist_home, "select count(distinct customer_number) from core.dim_customer") == 6874
    # of 26 states Roraima has 4 persons, and Acre, the next smallest, joins it: together they are (other)
    assert one(olist_home, "select count(distinct country || province) from core.fct_orders") == 25
    assert one(olist_home, "select count(*) from core.fct_orders where province in ('RR', 'AC')") == 0
    others = "select count(distinct customer_number) from core.fct_orders where province = '(other)'"
    assert one(olist_home, others) == 12
    rows = dict(ask(olist_home, "select province, count(*) from core.fct_orders group by 1"))
    assert {state: rows[state] for state in STATES} == STATES


def test_what_the_marts_exclude_is_named_and_adds_up(olist_home):
    ((source, cancelled, unavailable, others, mart, difference),) = ask(
        olist_home,
        "select sum(source_total), sum(excluded_cancelled), sum(excluded_unavailable), "
        "sum(excluded_quarantined + excluded_duplicate + excluded_deleted + excluded_test + excluded_draft), "
        "sum(mart_total), sum(abs(difference)) from audit.reconciliation where metric = 'revenue' and source = 'olist'",
    )
    # prices of the orders with these states, summed over the files
    assert (money(source), money(cancelled), money(unavailable)) == (
        Decimal("928863.18"),
        Decimal("4563.55"),
        Decimal("35.00"),
    )
    assert (others, difference) == (0, 0)
    assert source - cancelled - unavailable == mart
    revenue = one(olist_home, "select sum(revenue) from marts.rpt_sales_summary where period_grain = 'month'")
    assert revenue == money(mart)
    orders = ask(
        olist_home,
        "select sum(source_total), sum(excluded_cancelled), sum(excluded_unavailable), sum(mart_total) "
        "from audit.reconciliation where metric = 'orders' and source = '(all)'",
    )
    assert orders == [(6887, 46, 34, 6807)]


def test_every_row_of_every_file_is_accounted_for(olist_home):
    rows = ask(
        olist_home,
        'select "table", "read", conformed, superseded, quarantined, difference from audit.row_ledger order by 1',
    )
    assert {table: read for table, read, *_ in rows} == {
        "closed_deals": 842,
        "customers": 6887,
        "marketing_qualified_leads": 8000,
        "order_items": 7790,
        "order_payments": 7208,
        "order_reviews": 6866,
        "orders": 6887,
        "product_category_name_translation": 71,
        "products": 32951,
        "sellers": 3095,
    }
    assert all(difference == 0 and quarantined == 0 for *_, quarantined, difference in rows)
    assert next(row for row in rows if row[0] == "customers")[2:4] == (6874, 13)


def test_totals_are_the_same_at_every_grain(olist_home):
    rows = ask(
        olist_home,
        "select period_grain, sum(revenue), sum(orders), sum(units) from marts.rpt_sales_summary group by 1",
    )
    assert len(rows) == 5
    assert len({(revenue, orders, units) for _, revenue, orders, units in rows}) == 1


def test_november_2017_is_there_and_a_month_without_orders_is_zero(olist_home):
    rows = dict(
        ask(olist_home, "select period_start, orders from marts.rpt_sales_summary where period_grain = 'month'")
    )
    assert rows[date(2016, 11, 1)] == 0
    assert rows[date(2017, 11, 1)] > 400
