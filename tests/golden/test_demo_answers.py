"""The demo company's release against the answers that its generator worked out while it wrote the files."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from tests.support import ask, one

pytestmark = pytest.mark.xdist_group("demo")

PERIODS = ("month", "quarter", "year")


@pytest.fixture(scope="module")
def answers(demo_home) -> dict:
    return json.loads((demo_home.parent / "demo" / "known_answers.json").read_text(encoding="utf-8"))


def start_of(period: str) -> date:
    """The first day of 2024, 2024-Q2 or 2024-05."""
    year, _, part = period.partition("-")
    month = int(part.removeprefix("Q")) * 3 - 2 if part.startswith("Q") else int(part or 1)
    return date(int(year), month, 1)


@pytest.mark.parametrize("grain", PERIODS)
def test_sales_of_every_period(demo_home, answers, grain):
    rows = ask(
        demo_home,
        "select period_start, revenue, units, cost, gross_profit, orders, customers, new_customers "
        f"from marts.rpt_sales_summary where period_grain = '{grain}'",
    )
    expected = {
        start_of(period): (
            *(Decimal(a[k]) for k in ("revenue", "units", "cost", "gross_profit")),
            *(a[k] for k in ("orders", "customers", "new_customers")),
        )
        for period, a in answers["sales"][grain].items()
    }
    assert {start: tuple(figures) for start, *figures in rows} == expected


@pytest.mark.parametrize("grain", ["month", "year"])
@pytest.mark.parametrize(
    ("breakdown", "mart", "member"),
    [
        ("product", "rpt_sales_by_product", "product"),
        ("region", "rpt_sales_by_region", "country || '|' || province"),
        ("channel", "rpt_sales_by_channel", "channel"),
    ],
)
def test_revenue_by_member(demo_home, answers, breakdown, mart, member, grain):
    rows = ask(
        demo_home,
        f"select period_start, {member}, revenue from marts.{mart} where period_grain = '{grain}' and orders > 0",
    )
    expected = {
        (start_of(period), name): Decimal(a["revenue"])
        for period, members in answers["revenue_by"][breakdown][grain].items()
        for name, a in members.items()
    }
    assert {(start, name): revenue for start, name, revenue in rows} == expected


def test_revenue_by_product_line_in_the_facts(demo_home, answers):
    rows = ask(
        demo_home,
        "select year(ordered_on), product_line, sum(revenue), sum(revenue_exact) from core.fct_order_lines "
        "where exclusion is null group by all",
    )
    expected = {
        (int(year), line): (Decimal(a["revenue"]), Decimal(a["revenue_exact"]))
        for year, lines in answers["revenue_by"]["product_line"]["year"].items()
        for line, a in lines.items()
    }
    assert {(year, line): tuple(revenue) for year, line, *revenue in rows} == expected


def test_what_rounding_moved_is_named(demo_home, answers):
    rows = ask(
        demo_home,
        "select strftime(period, '%Y-%m'), rounding from audit.reconciliation "
        "where metric = 'revenue' and source = 'demo' and period is not null",
    )
    expected = {
        month: Decimal(a["revenue_exact"]) - Decimal(a["revenue"]) for month, a in answers["sales"]["month"].items()
    }
    assert any(expected.values())
    assert dict(rows) == expected


def test_what_is_not_revenue_is_named(demo_home, answers):
    buckets = ("cancelled", "unavailable", "draft", "test", "deleted")
    rows = ask(
        demo_home,
        f"select strftime(period, '%Y-%m'), {', '.join('excluded_' + b for b in buckets)} "
        "from audit.reconciliation where metric = 'revenue' and source = 'demo' and period is not null",
    )
    found = {(month, b): v for month, *values in rows for b, v in zip(buckets, values, strict=True) if v}
    expected = {
        (month, bucket): Decimal(a["revenue_exact"])
        for month, excluded in answers["excluded_revenue"].items()
        for bucket, a in excluded.items()
        if Decimal(a["revenue_exact"])
    }
    assert found == expected


def test_payments_by_method_and_month(demo_home, answers):
    rows = ask(
        demo_home,
        "select strftime(paid_on, '%Y-%m'), method, sum(amount) from core.fct_payments "
        "where exclusion is null group by all",
    )
    expected = {
        (month, method): Decimal(a["amount"])
        for month, methods in answers["payments"]["by_method"].items()
        for method, a in methods.items()
    }
    assert {(month, method): amount for month, method, amount in rows} == expected


@pytest.mark.parametrize("grain", ["month", "year"])
def test_leads_by_channel(demo_home, answers, grain):
    rows = ask(
        demo_home,
        "select period_start, channel, sum(leads), sum(qualified), sum(converted), sum(won) "
        f"from marts.rpt_lead_sources where period_grain = '{grain}' group by all having sum(leads) > 0",
    )
    expected = {
        (start_of(period), channel): (a["leads"], a["qualified"], a["converted"], a["won"])
        for period, channels in answers["leads"]["by_channel"][grain].items()
        for channel, a in channels.items()
    }
    assert {(start, channel): tuple(figures) for start, channel, *figures in rows} == expected


def test_median_days_to_convert_by_year(demo_home, answers):
    rows = ask(
        demo_home,
        "select cast(year(created_on) as varchar), median(days_to_convert) from core.fct_leads "
        "where exclusion is null group by 1",
    )
    expected = {year: float(a["median_days_to_convert"]) for year, a in answers["leads"]["by_year"].items()}
    assert dict(rows) == pytest.approx(expected, abs=1e-6)


def test_surveys_by_kind_and_dimension(demo_home, answers):
    rows = ask(
        demo_home,
        "select survey_kind || '|' || dimension, strftime(period_start, '%Y-%m'), "
        "sent, responses, satisfied, mean_score from marts.rpt_customer_satisfaction "
        "where period_grain = 'month' and sent + responses > 0",
    )
    found = {
        (kind, month): (sent, responses, satisfied, None if mean is None else f"{mean:.6f}")
        for kind, month, sent, responses, satisfied, mean in rows
    }
    expected = {
        (kind, month): (a["sent"], a["responses"], a["satisfied"], a["mean_score"])
        for kind, months in answers["surveys"]["by_month"].items()
        for month, a in months.items()
        if a["sent"] + a["responses"] > 0
    }
    assert found == expected


def test_the_customer_base_at_every_month_end(demo_home, answers):
    columns = ("opening_active", "new", "reactivated", "lapsed", "closing_active", "silent", "churned", "prospects")
    rows = ask(
        demo_home,
        f"select strftime(period_start, '%Y-%m'), {', '.join(columns)} from marts.rpt_customer_base "
        "where period_grain = 'month'",
    )
    found = {month: dict(zip(columns, figures, strict=True)) for month, *figures in rows}
    expected = {month: {c: a[c] for c in columns} for month, a in answers["customer_base"].items()}
    assert {month: found[month] for month in expected} == expected
    assert found.keys() == expected.keys()


def test_accounts_with_the_same_address_are_one_customer(demo_home, answers):
    assert (
        one(demo_home, "select count(distinct customer_number) from core.fct_orders where exclusion is null")
        == answers["customers"]["with_a_purchase"]
    )


def test_orders_by_status(demo_home, answers):
    rows = ask(demo_home, "select status, count(*) from core.fct_orders where not is_test group by 1")
    assert dict(rows) == answers["orders_by_status"]


def test_every_dirty_row_is_in_quarantine_with_its_reason_and_nothing_else_is(demo_home, answers):
    rows = ask(demo_home, 'select "table", reason_code, line from audit.quarantine')
    expected = [(row["entity"], row["reason"], row["line"]) for row in answers["quarantine"]["rows"]]
    assert Counter(rows) == Counter(expected)


def test_every_row_of_every_file_is_accounted_for(demo_home, answers):
    rows = ask(demo_home, 'select "table", "read", quarantined, difference from audit.row_ledger')
    assert {table: read for table, read, *_ in rows} == answers["rows_read"]
    assert all(difference == 0 for *_, difference in rows)
    assert sum(quarantined for *_, quarantined, _ in rows) == len(answers["quarantine"]["rows"])


def test_only_the_restricted_edition_holds_names_and_addresses(demo_home):
    folder = (demo_home / "releases" / "current").resolve()
    files = [file for file in folder.rglob("*") if file.is_file()]
    restricted = {file for file in files if file.relative_to(folder).parts[0] == "restricted"}
    content = b"".join(file.read_bytes() for file in files if file not in restricted)
    assert b"@example" not in content
    assert b"Person 0" not in content
    assert any(b"@example" in file.read_bytes() for file in restricted)
