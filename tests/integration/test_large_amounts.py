"""A company whose amounts are a million times as large, as those of yen, won or rupiah are, is built like any other."""

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import yaml

from pipelines.config import load_settings
from pipelines.demo.write import generate
from pipelines.landing.ingest import ingest_source
from pipelines.paths import DBT_PROJECT
from pipelines.refresh.plan import make_plan
from pipelines.refresh.steps import build_warehouse, check_built
from tests.parity.nights import nights
from tests.support import configured, start_parsed

TIMES = 1_000_000
# prices have four decimals, and so are quantities in the contract
PRICES = {
    "order_line": ("unit_price", "discount_amount", "tax_amount", "unit_cost", "shipping_amount"),
    "product": ("list_price", "unit_cost"),
}
# a fact, and what of it is money in the reporting currency
FACTS = {
    "fct_order_lines": "revenue",
    "fct_payments": "amount",
    "fct_invoices": "amount",
    "fct_returns": "amount",
    "fct_opportunities": "amount",
    "fct_opportunity_spans": "amount",
    "fct_campaign_costs": "amount",
    "fct_service_costs": "amount",
    "fct_costs": "amount",
    "fct_market_sizes": "market_size",
}


def enlarge(source: Path) -> None:
    """Make every amount of the CSV files a million times as large."""
    contract = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["contract"]
    for file in source.glob("*.csv"):
        entity = file.stem
        kinds = contract[entity]["columns"]
        amounts = {name for name, kind in kinds.items() if kind == "money"} | set(PRICES.get(entity, ()))
        delimiter = ";" if entity in ("campaign", "campaign_cost") else ","
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter=delimiter))
        if not rows or not amounts:
            continue
        larger = [{k: str(Decimal(v) * TIMES) if k in amounts and v else v for k, v in row.items()} for row in rows]
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter, lineterminator="\n")
            writer.writeheader()
            writer.writerows(larger)


def totals(folder: Path, times: int) -> dict[str, tuple[int, Decimal]]:
    """Build the company and return how many rows with an amount in EUR each fact has, and what they come to."""
    night = nights(1)[0]
    generate(folder / "demo", scale=0.02, at=night.as_of)
    if times > 1:
        enlarge(folder / "demo" / "source")
    start_parsed(folder / "home")
    settings = load_settings(configured(folder), as_of=night.as_of.isoformat())
    for source in settings.sources:
        ingest_source(source, settings.folders.landing, night.as_of)
    check_built(build_warehouse(settings, make_plan(settings, night.as_of)))
    with duckdb.connect(str(settings.folders.database), read_only=True) as connection:
        return {
            fact: connection.execute(
                f"select count({amount}), sum({amount}) from core.{fact} where currency = 'EUR'"
            ).fetchone()
            for fact, amount in FACTS.items()
        }


def test_amounts_of_billions_are_built_to_the_cent(tmp_path: Path):
    small, large = totals(tmp_path / "small", 1), totals(tmp_path / "large", TIMES)
    assert all(rows for rows, _ in small.values())
    for fact, (rows, total) in small.items():
        found_rows, found = large[fact]
        # what is rounded to a cent in the small company is exact in the large one
        assert found_rows == rows
        assert abs(found / TIMES - total) <= rows * Decimal("0.005"), fact
        assert found > 100_000_000, fact
