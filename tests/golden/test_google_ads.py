"""What Google Ads cost, against the report of the connector's vendor and against the file itself."""

from collections import defaultdict
from decimal import Decimal

import pytest

from tests.support import ask, money, needs_samples, one, sample_rows

pytestmark = [needs_samples, pytest.mark.xdist_group("samples")]

COSTS = "from core.fct_campaign_costs where source = 'google_ads'"


def test_the_spend_is_the_vendors(samples_home):
    ((spend, clicks, impressions, rows),) = ask(
        samples_home, f"select sum(amount), sum(clicks), sum(impressions), count(*) {COSTS}"
    )
    assert (money(spend), clicks, impressions, rows) == (Decimal("231.33"), 280, 1854, 16)


def test_each_day_is_the_vendors(samples_home):
    expected = defaultdict(Decimal)
    for row in sample_rows("google_ads", "expected/google_ads__campaign_report.csv"):
        expected[row["date_day"], row["campaign_id"]] += Decimal(row["spend"])
    found = ask(samples_home, f"select cast(spent_on as varchar), campaign_id, sum(amount) {COSTS} group by 1, 2")
    assert {(day, campaign): money(spend) for day, campaign, spend in found} == {
        cell: money(spend) for cell, spend in expected.items()
    }


def test_a_campaign_is_one_however_many_versions_of_it_there_are(samples_home):
    versions = {row["id"] for row in sample_rows("google_ads", "campaign_history_data.csv")}
    campaigns = ask(
        samples_home,
        "select campaign_id, channel, currency, ends_on from core.dim_campaign where source = 'google_ads'",
    )
    assert campaigns == [("9935249409", "paid_search", "USD", None)]
    assert versions == {"9935249409"}


def test_every_row_is_accounted_for_and_the_spend_reconciles(samples_home):
    ledger = ask(
        samples_home,
        'select "table", "read", conformed, superseded, difference from audit.row_ledger '
        "where source = 'google_ads' order by 1",
    )
    assert ledger == [
        ("account_history", 1, 1, 0, 0),
        ("campaign_history", 10, 1, 9, 0),
        ("campaign_stats", 16, 16, 0, 0),
    ]
    total = one(
        samples_home,
        "select sum(source_total) from audit.reconciliation where metric = 'campaign_cost' and source = 'google_ads'",
    )
    assert money(total) == Decimal("231.33")
