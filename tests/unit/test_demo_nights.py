"""The nights of the demo: what they deliver, and that what is known after each is what its files add up to."""

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.demo.calendar import AS_OF
from pipelines.demo.company import build_company
from pipelines.demo.deliveries import deliver_night, ensure_large
from pipelines.demo.night_changes import make_nights
from pipelines.demo.nights import SHARES, counts_of, instant_of
from pipelines.demo.parquet_files import DATED
from pipelines.demo.spoil import spoil
from pipelines.errors import ConfigError

SEED, SCALE, BRANCHES, NIGHTS = 7, 0.05, 2, 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("nights") / "demo"
    ensure_large(place, 201, nights=NIGHTS, seed=SEED, scale=SCALE, progress=lambda _: None)
    return place


@pytest.fixture(scope="module")
def known(folder: Path) -> dict:
    return json.loads((folder / "known_answers.json").read_text(encoding="utf-8"))["nights"]


def ask(source: Path, sql: str) -> list[tuple]:
    """Ask the files as they are now: of several rows with one id that which was changed last."""
    with duckdb.connect() as connection:
        for entity in ("account", "order", "order_line", "activity"):
            files = f"read_parquet('{source}/{entity}.*parquet', union_by_name = true)"
            when = "source_updated_at desc nulls last" if entity != "activity" else "1"
            key = f"{entity}_id"
            connection.execute(
                f"create view {entity}_now as select * from {files} "
                f"qualify row_number() over (partition by {key} order by {when}) = 1"
            )
        connection.execute(f"create view rates as select * from read_csv('{source}/exchange_rate.csv')")
        return connection.execute(sql).fetchall()


GOOD = """
    orders as (
        select *, cast(timezone('Europe/Berlin', try_cast(ordered_at as timestamptz)) as date) as day from order_now
        where is_test = 'false' and is_deleted = 'false'
            and try_cast(ordered_at as timestamptz) is not null
            and account_id in (select account_id from account_now where is_test = 'false')
    ),

    sold as (
        select * from orders where status in ('confirmed', 'shipped', 'delivered')
    ),

    lines as (
        select *, try_cast(quantity as decimal(9, 2)) * try_cast(unit_price as decimal(12, 4))
            - coalesce(try_cast(discount_amount as decimal(12, 4)), 0) as revenue
        from order_line_now where try_cast(unit_price as decimal(12, 4)) is not null
    ),

    spans as (
        select *, lead(valid_from, 1, date '2100-01-01') over (
            partition by from_currency order by valid_from
        ) as valid_to
        from rates where to_currency = 'EUR'
        union all select 'EUR', 'EUR', date '1900-01-01', 1, date '2100-01-01'
    ),

    booked as (
        select sold.day, sold.order_id,
            cast(sum(cast(lines.revenue as decimal(38, 6)) * cast(spans.rate as decimal(12, 8))) as decimal(38, 2))
                as revenue
        from sold inner join lines on sold.order_id = lines.order_id
        inner join spans on sold.currency = spans.from_currency
            and sold.day >= spans.valid_from and sold.day < spans.valid_to
        group by all
    )
"""


@pytest.mark.parametrize("night", range(NIGHTS + 1))
def test_what_is_known_after_each_night_is_what_the_files_add_up_to(folder: Path, known: dict, night: int):
    deliver_night(folder, night)
    figures = known["after"][night - 1]["figures"] if night else known["before"]
    months = ask(
        folder / "source",
        f"with {GOOD} select strftime(sold.day, '%Y-%m'), count(distinct sold.order_id), sum(booked.revenue) "
        "from sold left join booked on sold.order_id = booked.order_id group by all order by all",
    )
    assert {month: {"orders": n, "revenue": f"{amount:.2f}"} for month, n, amount in months} == figures["by_month"]
    assert (sum(n for _, n, _ in months), f"{sum(a for *_, a in months):.2f}") == (
        figures["orders"],
        figures["revenue"],
    )
    statuses = ask(folder / "source", f"with {GOOD} select status, count(*) from orders group by all")
    assert {s: n for s, n in statuses if s != "teleported"} == figures["orders_by_status"]
    ((activities,),) = ask(folder / "source", "select count(*) from activity_now where kind <> 'telepathy'")
    assert activities == figures["activities"]


def test_each_night_changes_what_it_says(folder: Path, known: dict):
    before = known["before"]
    for told in known["after"]:
        changes, rows = told["changes"], told["rows"]
        assert changes.keys() == SHARES.keys()
        orders = ("new_orders", "cancelled_orders", "deleted_orders")
        assert rows["order"] == sum(changes[name] for name in orders)
        assert (rows["account"], rows["activity"]) == (changes["merged_accounts"], changes["new_activities"])
        assert rows["order_line"] > changes["corrected_lines"]
        sold = changes["new_orders"] - changes["cancelled_orders"] - changes["deleted_orders"]
        assert told["change"]["orders"] == sold == told["figures"]["orders"] - before["orders"]
        assert told["change"]["customers"] == -changes["merged_accounts"]
        months = told["change"]["by_month"].values()
        assert sum(Decimal(month["revenue"]) for month in months) == Decimal(told["change"]["revenue"])
        before = told["figures"]


def test_the_shares_are_kept_in_a_company_of_the_usual_size():
    counts = counts_of(build_company(SEED, 1.0))
    expected = {"new_orders": 4, "late_orders": 1, "new_activities": 6, "corrected_lines": 2}
    assert counts == expected | {"cancelled_orders": 1, "deleted_orders": 1, "merged_accounts": 1}


def test_new_rows_are_of_the_last_day_and_late_ones_before():
    company = spoil(build_company(SEED, SCALE)).good
    earlier = {order.order_id for order in company.orders}
    for night in make_nights(SEED, company, 5, DATED):
        assert night.as_of == instant_of(night.number) == AS_OF + timedelta(days=night.number)
        fresh = [order for order in night.company.orders if order.order_id not in earlier]
        late = [order for order in fresh if order.ordered_at < night.as_of - timedelta(days=1)]
        assert (len(fresh), len(late)) == (night.counts["new_orders"], night.counts["late_orders"])
        assert all(order.ordered_at < night.as_of for order in fresh)
        assert all(night.as_of - timedelta(days=62) < order.ordered_at for order in late)
        earlier |= {order.order_id for order in fresh}


def test_no_row_is_changed_twice():
    nights = make_nights(SEED, spoil(build_company(SEED, SCALE)).good, 5, DATED)
    for entity in ("order", "order_line", "account", "activity"):
        keys = Counter(row[0] for night in nights for row in night.rows[entity])
        assert set(keys.values()) == {1}, entity


def test_a_company_that_is_too_small_for_so_many_nights_says_so():
    with pytest.raises(ValueError, match="too small for so many nights"):
        make_nights(SEED, spoil(build_company(SEED, 0.01)).good, 500, DATED)


def test_nights_are_delivered_and_taken_back(folder: Path):
    def names() -> list[str]:
        return sorted(path.name for path in (folder / "source").iterdir())

    deliver_night(folder, 0)
    first = names()
    deliver_night(folder, 2)
    entities = ("account", "activity", "order", "order_line")
    assert sorted(set(names()) - set(first)) == sorted(f"{e}.night-{n}.parquet" for e in entities for n in (1, 2))
    deliver_night(folder, 1)
    assert sorted(set(names()) - set(first)) == sorted(f"{e}.night-1.parquet" for e in entities)
    ensure_large(folder, 201, nights=NIGHTS, seed=SEED, scale=SCALE, progress=lambda _: None)
    assert names() == first


def test_the_command_delivers_a_night_and_says_what_is_known(folder: Path, known: dict):
    done = CliRunner().invoke(cli, ["demo", "--folder", str(folder), "--night", "1"])
    assert done.exit_code == 0, done.output
    change = known["after"][0]["change"]
    assert f"{change['orders']:+,} orders sold, revenue {change['revenue']}" in done.output
    assert "rapport run --as-of 2026-01-02T00:00:00" in done.output
    done = CliRunner().invoke(cli, ["demo", "--folder", str(folder), "--night", "0"])
    assert "rapport run --as-of 2026-01-01T00:00:00" in done.output


def test_nights_that_are_not_there_are_said_so(folder: Path, tmp_path: Path):
    with pytest.raises(ConfigError, match="holds 3 nights; there is no night 4"):
        deliver_night(folder, 4)
    with pytest.raises(ConfigError, match="holds no nights"):
        deliver_night(tmp_path, 1)
