"""Two nights between which a late order, a correction, a deletion, a merge and a rule change came: all is explained."""

import csv
import io
import re
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.demo.calendar import BERLIN
from pipelines.demo.write import generate
from tests.faults.sources.files import read, write
from tests.support import ask, demo_config, rapport

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("comparison")]

SCALE = 0.05
FIRST = datetime(2025, 12, 1, tzinfo=BERLIN)
SECOND = datetime(2025, 12, 2, tzinfo=BERLIN)
LATE, CORRECTED = Decimal("300.00"), Decimal("50")


def run(config: Path, at: datetime):
    return rapport("run", "--config", config, "--as-of", at.isoformat(), RAPPORT_USER="engineer")


def sold(rows: list[dict[str, str]], month: str) -> list[dict[str, str]]:
    return [
        row
        for row in rows
        if re.match(rf"{month}-[12]", row["ordered_at"]) and row["status"] == "delivered" and row["currency"] == "EUR"
    ]


def change_the_sources(source: Path) -> tuple[str, Decimal]:
    """Make the changes; return the month of late order and correction, and by how much that raises revenue."""
    columns, orders = read(source, "order")
    line_columns, lines = read(source, "order_line")
    account_columns, accounts = read(source, "account")
    month = next(m for m in (f"2025-{number:02}" for number in range(2, 11)) if len(sold(orders, m)) >= 2)
    late, corrected, *_ = sold(orders, month)
    orders.append({**late, "order_id": "LATE"})
    ours = next(line for line in lines if line["order_id"] == late["order_id"])
    priced = {"quantity": "3", "unit_price": "100.00", "discount_amount": "", "shipping_amount": ""}
    lines.append({**ours, "order_line_id": "LATE-1", "order_id": "LATE", **priced})
    line = next(line for line in lines if line["order_id"] == corrected["order_id"])
    line["unit_price"] = str(Decimal(line["unit_price"]) + CORRECTED)
    buyers = {order["account_id"] for order in orders}
    persons = [one for one in accounts if one["account_id"] in buyers and one["email"]]
    persons[0]["email"] = persons[1]["email"]
    contacts = read(source, "contact")[1]
    named = buyers | {row["account_id"] for row in contacts}
    for entity in ("lead", "opportunity", "ticket", "activity", "touchpoint", "campaign_member", "subscription"):
        named |= {row.get("account_id") for row in read(source, entity)[1]}
    prospect = next(one for one in accounts if one["account_id"] not in named)
    write(source, "order", columns, orders)
    write(source, "order_line", line_columns, lines)
    write(source, "account", account_columns, [one for one in accounts if one is not prospect])
    return f"{month}-01", CORRECTED * Decimal(line["quantity"])


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> tuple[Path, Path, tuple[str, Decimal], str]:
    """Configuration, home, month and amount of the correction, and what was said of the refused second night."""
    folder = tmp_path_factory.mktemp("comparison")
    config = demo_config(folder, SCALE)
    generate(folder / "demo", scale=SCALE, at=FIRST)
    done = run(config, FIRST)
    assert done.returncode == 0, done.stderr
    generate(folder / "demo", scale=SCALE, at=SECOND)
    corrected = change_the_sources(folder / "demo" / "source")
    config.write_text(config.read_text() + "metrics: {active_days: 80}\n")
    refused = run(config, SECOND)
    assert refused.returncode == 3, refused.stdout + refused.stderr
    return config, folder / "home", corrected, refused.stderr


@pytest.fixture(scope="module")
def accepted(nights) -> tuple[Path, Path, tuple[str, Decimal]]:
    config, home, corrected, told = nights
    (release_id,) = {
        word for line in told.splitlines() if "rapport accept" in line for word in line.split() if "Z-" in word
    }
    done = rapport("accept", "--config", config, release_id, "--why", "Active is 80 days from now on.")
    assert done.returncode == 0, done.stderr
    done = run(config, SECOND)
    assert done.returncode == 0, done.stdout + done.stderr
    return config, home, corrected


@pytest.fixture(scope="module")
def parts(accepted) -> list[dict[str, str]]:
    config, _, _ = accepted
    done = rapport("diff", "--config", config, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_a_rule_change_waits_for_a_person(nights):
    *_, told = nights
    assert "rule_changes_are_accepted" in told
    assert "rapport accept" in told


def test_every_difference_between_the_releases_is_the_sum_of_its_parts(accepted, parts):
    """Compared figure by figure from the two databases, without the code that explains them."""
    _, home, _ = accepted
    told = defaultdict(Decimal)
    for part in parts:
        told[part["mart"], part["grain"], part["period"], part["member"], part["metric"]] += Decimal(part["part"])
    earlier, later = sorted(
        (folder for folder in (home / "releases").iterdir() if folder.is_dir() and not folder.is_symlink()),
        key=lambda folder: folder.name,
    )
    for mart, metrics in {
        "rpt_sales_summary": ["revenue", "orders", "customers", "average_order_value", "revenue_previous"],
        "rpt_customer_base": ["prospects", "closing_active", "customers_ever", "churned"],
    }.items():
        with duckdb.connect() as connection:
            for name, folder in (("earlier", earlier), ("later", later)):
                connection.execute(f"attach '{folder}/marts.duckdb' as {name} (read_only)")
            for metric in metrics:
                differences = connection.execute(
                    f"select period_grain, period_start, coalesce(round(l.{metric}::decimal(38, 6), 6), 0) "
                    f"- coalesce(round(e.{metric}::decimal(38, 6), 6), 0) as whole "
                    f"from earlier.marts.{mart} as e full outer join later.marts.{mart} as l "
                    "using (period_grain, period_start) where whole <> 0"
                ).fetchall()
                found = {(g, p): w for (m, g, p, _, c), w in told.items() if (m, c) == (mart, metric) and w}
                assert found == {(grain, str(start)): whole for grain, start, whole in differences}, (mart, metric)


def test_each_cause_has_its_part(accepted, parts):
    *_, (month, corrected) = accepted
    revenue = {
        part["cause"]: Decimal(part["part"])
        for part in parts
        if (part["mart"], part["grain"], part["period"], part["metric"])
        == ("rpt_sales_summary", "month", month, "revenue")
    }
    assert revenue == {"late arrival": LATE, "correction": corrected}
    orders = [p for p in parts if (p["mart"], p["metric"], p["period"]) == ("rpt_sales_summary", "orders", month)]
    assert {(part["cause"], Decimal(part["part"])) for part in orders} == {("late arrival", Decimal(1))}
    base = defaultdict(set)
    for part in parts:
        if part["mart"] == "rpt_customer_base" and part["grain"] == "month" and part["period"] == "2025-11-01":
            base[part["cause"], part["metric"]].add(Decimal(part["part"]))
    assert base["deletion", "prospects"] == {Decimal(-1)}
    assert base["merge or un-merge", "customers_ever"] == {Decimal(-1)}
    assert any(cause == "rule change" for cause, _ in base)
    assert "not explained" not in {part["cause"] for part in parts}


def test_the_release_carries_what_changed_and_the_rows_behind_it(accepted):
    _, home, (_, corrected) = accepted
    rows = ask(
        home,
        "select cause, part from audit.restatements where mart = 'rpt_sales_summary' and metric = 'revenue' "
        "and period_grain = 'month' order by step",
    )
    assert rows == [("late arrival", LATE), ("correction", corrected)]
    behind = ask(
        home,
        "select cause, entity, changed_columns from audit.restated_rows "
        "where entity in ('order', 'order_line', 'account')",
    )
    assert ("late arrival", "order", None) in behind
    assert ("late arrival", "order_line", None) in behind
    assert ("correction", "order_line", "unit_price") in behind
    assert ("merge or un-merge", "account", "email") in behind
    assert ("deletion", "account", None) in behind


def test_who_accepted_and_why_is_recorded(accepted):
    config, home, _ = accepted
    log = (home / "audit.jsonl").read_text(encoding="utf-8")
    assert "Active is 80 days from now on." in log
    done = rapport("accept", "--config", config, "20251201T230000Z-00000000", "--why", "no reason")
    assert done.returncode == 2
