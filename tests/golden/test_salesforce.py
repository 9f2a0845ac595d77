"""The sample of Salesforce, against the figures of the connector's vendor and against the files themselves."""

from decimal import Decimal

import pytest

from tests.support import ask, money, needs_samples, one, sample_rows

pytestmark = [needs_samples, pytest.mark.xdist_group("samples")]


def test_deals_that_are_deleted_are_in_no_figure_and_in_the_ledger(samples_home):
    raw = sample_rows("salesforce", "sf_opportunity_data.csv")
    assert {row["is_deleted"] for row in raw} == {"true"}
    assert one(samples_home, "select count(*) from core.fct_opportunities where source = 'salesforce'") == 0
    (expected,) = sample_rows("salesforce", "expected/salesforce__manager_performance.csv")
    assert (expected["total_number_bookings"], expected["total_number_lost"]) == ("0", "0")
    ((read, conformed, deleted, difference),) = ask(
        samples_home,
        'select "read", conformed, deleted, difference from audit.row_ledger '
        "where source = 'salesforce' and \"table\" = 'opportunity'",
    )
    assert (read, conformed, deleted, difference) == (10, 0, 10, 0)
    ((won, of_deleted, mart),) = ask(
        samples_home,
        "select sum(source_total), sum(excluded_deleted), sum(mart_total) from audit.reconciliation "
        "where metric = 'won' and source = 'salesforce'",
    )
    assert (won, of_deleted, mart) == (sum(row["is_won"] == "true" for row in raw), 5, 0)


def test_orders_and_their_totals(samples_home):
    raw = sample_rows("salesforce", "sf_order_data.csv")
    total = sum(Decimal(row["total_amount"]) for row in raw)
    ((orders, customers),) = ask(
        samples_home,
        "select count(*), count(distinct customer_number) from core.fct_orders where source = 'salesforce'",
    )
    revenue = one(samples_home, "select sum(revenue) from core.fct_order_lines where source = 'salesforce'")
    assert (orders, money(revenue)) == (10, total) == (len(raw), Decimal("54800.60"))
    # none of their accounts was landed: each is a customer of whom nothing else is known
    landed = {row["id"] for row in sample_rows("salesforce", "sf_account_data.csv")}
    accounts = {row["account_id"] for row in raw}
    assert not accounts & landed
    assert customers == len(accounts) == 5


def test_calls_and_meetings(samples_home):
    events = sample_rows("salesforce", "sf_event_data.csv")
    found = ask(
        samples_home,
        "select kind, count(*), sum(duration_seconds) from core.fct_activities where source = 'salesforce' group by 1",
    )
    kinds = {kind: (count, seconds) for kind, count, seconds in found}
    for kind in ("Call", "Meeting"):
        minutes = [int(row["duration_in_minutes"]) for row in events if row["type"] == kind]
        assert kinds[kind.lower()] == (len(minutes), sum(minutes) * 60)
    assert kinds["other"] == (len(sample_rows("salesforce", "sf_task_data.csv")), None)


def test_every_row_is_accounted_for(samples_home):
    ledger = ask(
        samples_home,
        'select "table", "read", conformed, deleted, quarantined, difference from audit.row_ledger '
        "where source = 'salesforce'",
    )
    assert {table: row for table, *row in ledger} == {
        "account": [10, 1, 9, 0, 0],
        "contact": [4, 4, 0, 0, 0],
        "user": [10, 4, 6, 0, 0],
        "user_role": [10, 8, 2, 0, 0],
        "product_2": [2, 2, 0, 0, 0],
        "lead": [1, 1, 0, 0, 0],
        "opportunity": [10, 0, 10, 0, 0],
        "opportunity_history": [10, 0, 10, 0, 0],
        "task": [10, 10, 0, 0, 0],
        "event": [10, 10, 0, 0, 0],
        "order": [10, 10, 0, 0, 0],
    }
