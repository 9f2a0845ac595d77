"""What can be traced is said in files: they name what there is, and show nothing personal."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import yaml

from pipelines.errors import ConfigError, RapportError
from pipelines.paths import DBT_PROJECT
from pipelines.sources.catalog import load_catalog, load_contract
from pipelines.trace.definitions import FOLDER, figure, mart, marts, rows
from pipelines.trace.lines import Landing
from pipelines.trace.model import Line, Row
from pipelines.trace.rows import combine, leaves
from pipelines.trace.selection import Period, parse_of, parse_period
from pipelines.trace.trace import _books

ROWS = sorted(file.stem for file in (FOLDER / "rows").glob("*.yml"))


def columns_of(name: str) -> list[str]:
    (file,) = (DBT_PROJECT / "models" / "marts").rglob(f"{name}.yml")
    return [column["name"] for column in yaml.safe_load(file.read_text(encoding="utf-8"))["models"][0]["columns"]]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2025", Period("year", year=2025)),
        ("2025-Q2", Period("quarter", year=2025, part=2)),
        ("2025-q4", Period("quarter", year=2025, part=4)),
        ("2025-06", Period("month", date(2025, 6, 1))),
        ("2025-06-03", Period("day", date(2025, 6, 3))),
        ("2025-W01", Period("week", date(2024, 12, 30))),
        ("2020-W53", Period("week", date(2020, 12, 28))),
    ],
)
def test_periods_as_people_write_them(text, period):
    assert parse_period(text) == period


@pytest.mark.parametrize(
    "text", ["", "June", "2025-13", "2025-Q5", "2025-W54", "2025-02-30", "2025-00", "25-06", "2025-6"]
)
def test_what_is_no_period_is_told(text):
    with pytest.raises(ConfigError, match="--period"):
        parse_period(text)


def test_members_are_a_column_and_a_value():
    assert parse_of("country=DE") == ("country", "DE")
    assert parse_of("segment=a=b") == ("segment", "a=b")
    assert parse_of("age_days=") == ("age_days", "")
    with pytest.raises(ConfigError, match="COLUMN=VALUE"):
        parse_of("country")


@pytest.mark.parametrize("name", marts())
def test_figures_are_columns_of_their_mart(name):
    columns, definitions = columns_of(name), mart(name)
    assert not set(definitions.figures) - set(columns)
    for found in definitions.figures.values():
        for leaf in leaves(found):
            assert {column for column, _ in leaf.members} <= set(columns)


@pytest.mark.parametrize("name", ROWS)
def test_rows_show_columns_of_the_contract_and_nothing_personal(name):
    contracts = [load_contract()[entity] for entity in (rows(name).entity, *rows(name).also)]
    assert set(rows(name).show) <= {column for contract in contracts for column in contract["columns"]}
    assert not set(rows(name).show) & {column for contract in contracts for column in contract.get("direct", ())}
    assert rows(name).dated_by["column"] in contracts[0]["columns"]


def test_all_rows_are_used():
    used = {leaf.rows.name for name in marts() for found in mart(name).figures.values() for leaf in leaves(found)}
    assert used == set(ROWS)


@pytest.mark.parametrize("system", ["generic", "olist"])
def test_what_a_system_says_of_its_columns_is_in_the_contract(system):
    for spec in load_catalog(system).values():
        assert not spec.values or set(spec.values) <= set(load_contract()[spec.entity]["columns"])


def test_a_mart_without_definition_names_those_that_have_one():
    with pytest.raises(ConfigError, match=r"rpt_nothing.*rpt_sales_by_region"):
        mart("rpt_nothing")


def test_a_column_without_definition_names_those_that_have_one():
    columns = columns_of("rpt_sales_team")
    with pytest.raises(ConfigError, match=r"rank is not a figure that can be traced.*revenue_previous"):
        figure(mart("rpt_sales_team"), "rank", columns)
    with pytest.raises(ConfigError, match=r"has no column 'revenu'"):
        figure(mart("rpt_sales_team"), "revenu", columns)


def test_ratios_differences_and_growths_of_their_parts():
    columns = columns_of("rpt_sales_cost")
    definitions = mart("rpt_sales_cost")
    # (revenue - cost) / cost
    assert combine(figure(definitions, "return_on_cost", columns), [Decimal(30), Decimal(20), Decimal(20)]) == 0.5
    assert combine(figure(definitions, "cost_ratio", columns), [Decimal(20), Decimal(0)]) is None
    growth = figure(definitions, "cost_growth", columns)
    assert [leaf.comparison for leaf in leaves(growth)] == ["current", "previous"]
    assert combine(growth, [Decimal(30), Decimal(20)]) == 0.5
    assert combine(growth, [Decimal(30), Decimal(0)]) is None


@pytest.mark.parametrize(
    ("booked", "worth", "value", "is_booked"),
    [
        ("row", "10.005", "10.01", True),
        ("row", "-10.005", "-10.01", True),
        ("row", "10.005", "10.00", False),
        ("order_id", "10.005", "10.00", True),
        ("order_id", "10.005", "10.02", False),
        (None, "10.005", "10.005", True),
        (None, "10.005", "10.01", False),
    ],
)
def test_rows_are_booked_in_cents_alone_or_with_their_document(booked, worth, value, is_booked):
    line = Line("L1", "shop", "order_line", "000001-a", "order_line.csv", 2, {}, Decimal(worth))
    row = Row("L1", date(2025, 6, 3), Decimal(value), (line,), {})
    assert _books(booked, row) is is_booked


def landed(folder: Path, table: str, rows: str) -> None:
    batch = folder / "generic" / "shop" / table / "000001-a"
    batch.mkdir(parents=True)
    duckdb.sql(f"copy ({rows}) to '{batch / 'rows.parquet'}' (format parquet)")


def manifest(*tables: str) -> dict:
    source = {"name": "shop", "system": "generic", "options": {"decimal_mark": ","}}
    inputs = [{"system": "generic", "source": "shop", "table": table, "batch_id": "000001-a"} for table in tables]
    return {"inputs": inputs, "config": {"sources": [source]}}


def test_a_line_is_read_from_its_own_batch_and_valued_as_its_source_writes_numbers(tmp_path):
    landed(
        tmp_path,
        "account",
        "select 'A1' as account_id, 'somebody' as name, 'a.csv' as _file, 2 as _line, 1 as _row_number",
    )
    # no discount column; the header in capitals
    landed(
        tmp_path,
        "order_line",
        "select 'L1' as ORDER_LINE_ID, '3' as QUANTITY, '1,5' as UNIT_PRICE, "
        "'l.csv' as _file, 7 as _line, 6 as _row_number",
    )
    places = pa.table(
        {
            "row_id": [1],
            "entity": ["order_line"],
            "record": ["L1"],
            "source": ["shop"],
            "batch_id": ["000001-a"],
            "row_number": [6],
        }
    )
    facts = pa.table({"row_id": [1], "exchange_rate": pa.array([Decimal("2")], pa.decimal128(18, 8))})
    found = Landing(tmp_path, manifest("account", "order_line")).read(
        rows("order_lines"), places, facts, rows("order_lines").raw["revenue"].of
    )
    (line,) = found[1]
    assert (line.table, line.file, line.line, line.value) == ("order_line", "l.csv", 7, Decimal(9))
    assert line.raw == {"quantity": "3", "unit_price": "1,5", "discount_amount": None, "unit_cost": None}


def test_a_row_that_its_batch_does_not_have_is_told(tmp_path):
    landed(tmp_path, "order_line", "select 'L1' as order_line_id, 'l.csv' as _file, 7 as _line, 6 as _row_number")
    places = pa.table(
        {
            "row_id": [1],
            "entity": ["order_line"],
            "record": ["L1"],
            "source": ["shop"],
            "batch_id": ["000001-a"],
            "row_number": [99],
        }
    )
    with pytest.raises(RapportError, match=r"order_line/000001-a/rows.parquet: has 0 of the 1 rows"):
        Landing(tmp_path, manifest("order_line")).read(rows("order_lines"), places, pa.table({"row_id": [1]}), None)
    with pytest.raises(RapportError, match="000001-a of source shop: the release's manifest does not name it"):
        Landing(tmp_path, manifest()).read(rows("order_lines"), places, pa.table({"row_id": [1]}), None)
