"""What is published about a demo company of several branches, before and after a night, is what is known of it."""

from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.demo.deliveries import deliver_night, ensure_large
from tests.support import ask, configured, one, rapport, start_parsed

pytestmark = [
    pytest.mark.long,
    pytest.mark.xdist_group("branches"),
]

BRANCHES = 2
MONTHS = "select strftime(period_start, '%Y-%m'), {} from marts.rpt_sales_summary where period_grain = 'month'"

BUYERS = "select count(distinct customer_number) from core.fct_orders where exclusion is null"
CUSTOMERS = "select count(distinct customer_number) from core.dim_customer where is_current"
STATUSES = "select status, count(*) from core.fct_orders where not is_test group by 1"
BASE = (
    "select strftime(period_start, '%Y-%m'), closing_active, silent, churned, prospects "
    "from marts.rpt_customer_base where period_grain = 'month'"
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """The folder of a company of two small branches with one release, and what is known of it."""
    folder = tmp_path_factory.mktemp("branches")
    done = ensure_large(folder / "demo", 201, nights=1, scale=0.05, progress=lambda _: None)
    assert done.answers["size"]["branches"] == BRANCHES
    start_parsed(folder / "home")
    run(folder, "2026-01-01")
    return folder, done.answers


def run(folder: Path, as_of: str) -> None:
    done = rapport("run", "--config", configured(folder), "--as-of", as_of)
    assert done.returncode == 0, done.stdout + done.stderr


def test_sales_are_what_the_generator_says(company):
    folder, answers = company
    figures = "revenue, coalesce(cost, 0), orders, customers, new_customers"
    found = {month: tuple(values) for month, *values in ask(folder / "home", MONTHS.format(figures))}
    for month, known in answers["sales"]["month"].items():
        expected = (Decimal(known["revenue"]), Decimal(known["cost"]))
        assert found[month] == (*expected, known["orders"], known["customers"], known["new_customers"]), month


def test_customers_are_those_of_all_branches(company):
    folder, answers = company
    assert one(folder / "home", BUYERS) == answers["customers"]["with_a_purchase"]
    found = {month: tuple(values) for month, *values in ask(folder / "home", BASE)}
    for month, known in answers["customer_base"].items():
        assert found[month] == (known["closing_active"], known["silent"], known["churned"], known["prospects"]), month


def test_every_spoilt_row_is_quarantined_in_each_branch(company):
    folder, answers = company
    found: dict[str, dict[str, int]] = {}
    counted = 'select "table", reason_code, count(*) from audit.quarantine group by all'
    for table, reason, rows in ask(folder / "home", counted):
        found.setdefault(table, {})[reason] = rows
    assert found == answers["quarantine"]["counts"]


def test_funnel_and_service_have_the_same_percentiles(company):
    folder, answers = company
    found = ask(
        folder / "home",
        "select pipeline || '|' || stage, strftime(period_start, '%Y'), reached, p90_days from marts.rpt_sales_funnel "
        "where period_grain = 'year' and reached > 0",
    )
    assert found
    for name, year, reached, p90 in found:
        known = answers["funnel"][name]["year"][year]
        assert reached == known["reached"], (name, year)
        days = known.get("p90_days")
        assert p90 == (None if days is None else pytest.approx(float(days), abs=1e-6)), (name, year)


def test_a_night_changes_what_is_known_to_change(company):
    folder, answers = company
    customers = one(folder / "home", CUSTOMERS)
    deliver_night(folder / "demo", 1)
    run(folder, "2026-01-02")
    (night,) = answers["nights"]["after"]
    found = {month: values for month, *values in ask(folder / "home", MONTHS.format("revenue, orders"))}
    for month, known in night["figures"]["by_month"].items():
        assert found[month] == [Decimal(known["revenue"]), known["orders"]], month
    assert night["change"]["by_month"].keys() >= {"2026-01"}
    assert one(folder / "home", CUSTOMERS) - customers == night["change"]["customers"] == -BRANCHES
    assert dict(ask(folder / "home", STATUSES)) == night["figures"]["orders_by_status"]
