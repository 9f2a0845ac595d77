"""Laws of classing customers, for the model as dbt compiles it, on the engine that runs it."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.paths import DBT_PROJECT

MONTH_ENDS = (date(2024, 12, 31), date(2025, 1, 31), date(2025, 2, 28))
VARIABLES = {
    "as_of": "2025-03-01T00:00:00",
    "time_zone": "UTC",
    "value_days": 365,
    "high_value_share": 0.2,
    "medium_value_share": 0.3,
    "abc_a_share": 0.8,
    "abc_b_share": 0.95,
}
TABLES = """
attach ':memory:' as warehouse;
create schema warehouse.core;
create schema warehouse.intermediate;
create table warehouse.core.dim_date (date_day date);
create table warehouse.intermediate.int_customer_attributes (
    customer_number varchar, birth_date date, gender varchar, region varchar, industry varchar, tag varchar,
    valid_from_on date, valid_to_on date
);
create table warehouse.core.fct_orders (
    customer_number varchar, ordered_on date, revenue decimal(18, 2), exclusion varchar
);
"""

Order = tuple[str, date, Decimal]
Classes = dict[tuple[date, str], SimpleNamespace]
Classer = Callable[[list[Order]], Classes]

# the first days inside and outside of the window, and values that fall on the lines, come up often
edges = [day - timedelta(days=n) for day in MONTH_ENDS for n in (0, 364, 365)]
days = st.one_of(st.sampled_from(edges), st.dates(date(2023, 6, 1), date(2025, 2, 28)))
cents = st.one_of(st.sampled_from([-500, 0, 500, 1500, 2000, 8000]), st.integers(-10_000, 10_000))
orders = st.lists(st.tuples(st.sampled_from("ABCDEFGHIJ"), days, cents.map(lambda n: Decimal(n) / 100)), max_size=20)


@pytest.fixture(scope="module")
def classed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classer]:
    """The model, ready to be asked: orders -> the classes of each customer at each month end."""
    sql = compiled("int_customer_classes", tmp_path_factory.mktemp("compiled"))
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        connection.executemany("insert into warehouse.core.dim_date values (?)", [[day] for day in MONTH_ENDS])

        def classes(rows: list[Order]) -> Classes:
            connection.execute("truncate warehouse.core.fct_orders")
            if rows:
                connection.executemany("insert into warehouse.core.fct_orders values (?, ?, ?, null)", rows)
            found = connection.execute(sql)
            names = [column[0] for column in found.description]
            named = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in found.fetchall()]
            return {(row.assigned_on, row.customer_number): row for row in named}

        yield classes


def compiled(model: str, folder: Path) -> str:
    """Return the SQL that dbt makes of `model`."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    options = [
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(folder), "--log-path", str(folder), "--vars", json.dumps(VARIABLES)),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAPPORT_DATABASE", str(folder / "warehouse.duckdb"))
        patch.setenv("DO_NOT_TRACK", "1")
        try:
            arguments = ["compile", "--select", model, "--indirect-selection", "empty", *options]
            outcome = dbtRunner().invoke(["--quiet", "--log-level", "none", *arguments])
        finally:
            DuckDBConnectionManager.close_all_connections()
    assert outcome.success, outcome.exception
    (result,) = outcome.result.results
    return result.node.compiled_code


def windows(rows: list[Order], day: date) -> dict[str, tuple[int, int, Decimal]]:
    """Return customer -> days since the last order, orders and revenue, of those with an order in the last 365 days."""
    bought = defaultdict(list)
    for customer, ordered_on, revenue in rows:
        if day - timedelta(days=365) < ordered_on <= day:
            bought[customer].append((ordered_on, revenue))
    return {
        customer: ((day - max(on for on, _ in own)).days, len(own), sum(revenue for _, revenue in own))
        for customer, own in bought.items()
    }


@settings(deadline=None)
@given(orders)
def test_scores_say_how_many_are_strictly_worse(classed: Classer, rows: list[Order]):
    found = classed(rows)
    for day in MONTH_ENDS:
        figures = windows(rows, day)
        for customer, (recency, frequency, monetary) in figures.items():
            worse = (
                sum(other[0] > recency for other in figures.values()),
                sum(other[1] < frequency for other in figures.values()),
                sum(other[2] < monetary for other in figures.values()),
            )
            row = found[day, customer]
            assert (row.recency_days, row.frequency, row.monetary) == (recency, frequency, monetary)
            assert (row.r_score, row.f_score, row.m_score) == tuple(1 + 5 * count // len(figures) for count in worse)
        absent = {customer for customer, on, _ in rows if on <= day} - set(figures)
        assert all(found[day, customer].rfm_segment == "none" for customer in absent)
        assert {customer for on, customer in found if on == day} == absent | set(figures)


@settings(deadline=None)
@given(orders)
def test_tiers_go_by_how_many_have_strictly_more_and_only_value_has_one(classed: Classer, rows: list[Order]):
    found = classed(rows)
    for day in MONTH_ENDS:
        values = {customer: figures[2] for customer, figures in windows(rows, day).items()}
        worth = [value for value in values.values() if value > 0]
        for customer, value in values.items():
            share = Decimal(sum(other > value for other in worth)) / max(len(worth), 1)
            tier = "high" if share < Decimal("0.2") else "medium" if share < Decimal("0.5") else "low"
            assert found[day, customer].value_tier == (tier if value > 0 else "none")


@settings(deadline=None)
@given(orders)
def test_a_class_goes_by_the_value_of_those_who_come_before(classed: Classer, rows: list[Order]):
    found = classed(rows)
    for day in MONTH_ENDS:
        values = {customer: figures[2] for customer, figures in windows(rows, day).items()}
        whole = sum(value for value in values.values() if value > 0)
        before = Decimal(0)
        for customer in sorted(values, key=lambda one: (-values[one], one)):
            letter = "A" if before < whole * Decimal("0.8") else "B" if before < whole * Decimal("0.95") else "C"
            assert found[day, customer].abc_class == (letter if values[customer] > 0 else "C")
            before += values[customer]


@settings(deadline=None)
@given(orders, st.randoms(use_true_random=False))
def test_in_which_order_the_orders_come_changes_nothing(classed: Classer, rows: list[Order], shuffler):
    assert classed(shuffler.sample(rows, len(rows))) == classed(rows)


@settings(deadline=None)
@given(orders)
def test_nothing_that_comes_later_changes_a_class(classed: Classer, rows: list[Order]):
    day = MONTH_ENDS[0]
    known = {key: vars(row) for key, row in classed([row for row in rows if row[1] <= day]).items() if key[0] == day}
    assert {key: vars(row) for key, row in classed(rows).items() if key[0] == day} == known
