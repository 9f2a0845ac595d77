"""A refresh from end to end: what it does a second time, and how it ends when something is wrong."""

import gzip
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support import OLIST, ask, copy_of_project, demo_config, digests, money, needs_olist, one, rapport

SMALL = 0.05


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A small demo company, published: configuration and home. Tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("small")
    config = demo_config(folder, SMALL)
    done = rapport("run", "--config", config)
    assert done.returncode == 0, done.stderr
    return config, folder / "home"


def a_copy(home: Path, folder: Path) -> Path:
    shutil.copytree(home, folder / "home", symlinks=True)
    return folder / "home"


def batches(home: Path) -> set[str]:
    return {str(file.relative_to(home)) for file in (home / "landing").rglob("*") if file.is_file()}


def current(home: Path) -> str:
    return (home / "releases" / "current").readlink().name


def test_the_same_run_again_lands_nothing_and_publishes_nothing(published):
    config, home = published
    landed, release = batches(home), current(home)
    again = rapport("run", "--config", config)
    assert again.returncode == 0, again.stderr
    assert "Nothing new" in again.stdout
    assert (batches(home), current(home)) == (landed, release)
    assert len(list((home / "releases").glob("2*"))) == 1


def test_a_warehouse_that_was_deleted_is_rebuilt_with_the_same_content(published, tmp_path):
    config, home = published
    again = a_copy(home, tmp_path)
    shutil.rmtree(again / "warehouse")
    shutil.rmtree(again / "releases")
    done = rapport("run", "--config", config, "--home", again)
    assert done.returncode == 0, done.stderr
    assert digests(again) == digests(home)


def test_a_model_that_joins_orders_to_payments_before_summing_is_stopped(published, tmp_path):
    config, home = published
    again, project = a_copy(home, tmp_path), copy_of_project(tmp_path / "project")
    model = project / "dbt_project/models/marts/sales/rpt_sales_summary.sql"
    text = model.read_text()
    changed = text.replace(
        "select * from {{ ref('fct_orders') }} where exclusion is null",
        "select o.* from {{ ref('fct_orders') }} as o left join {{ ref('fct_payments') }} as p "
        "on o.order_key = p.order_key where o.exclusion is null",
    )
    assert changed != text
    model.write_text(changed)
    done = rapport("run", "--config", config, "--home", again, project=project)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "reconciliation" in done.stderr
    assert current(again) == current(home)
    assert digests(again) == digests(home)


def test_an_expectation_that_raises_stops_the_release(published, tmp_path):
    config, home = published
    again, project = a_copy(home, tmp_path), copy_of_project(tmp_path / "project")
    with (project / "expectations" / "rpt_sales_summary.yml").open("a") as suite:
        suite.write(
            "  - type: unexpected_rows_expectation\n"
            "    kwargs: {unexpected_rows_query: 'select no_such_column from {batch}'}\n"
            "    says: This cannot be evaluated.\n"
        )
    done = rapport("run", "--config", config, "--home", again, project=project)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "no answer" in done.stderr
    assert current(again) == current(home)


def test_a_missing_exchange_rate_is_a_failure_and_not_a_rate_of_one(published, tmp_path):
    config, home = published
    again = a_copy(home, tmp_path)
    source = tmp_path / "source"
    shutil.copytree(config.parent / "demo" / "source", source)
    rates = source / "exchange_rate.csv"
    lines = rates.read_text().splitlines(keepends=True)
    rates.write_text("".join([lines[0], *(line for line in lines if "2025-" in line)]))
    changed = tmp_path / "rapport.yml"
    changed.write_text(config.read_text().replace(str(config.parent / "demo" / "source"), str(source)))
    done = rapport("run", "--config", changed, "--home", again)
    assert done.returncode == 3, done.stdout + done.stderr
    assert current(again) == current(home)


@pytest.mark.parametrize("mistake", ["company: {name: X, currency: EURO}", "sources: []", "colour: blue"])
def test_a_mistake_in_the_configuration_ends_with_2_and_names_the_file(tmp_path, mistake):
    config = tmp_path / "rapport.yml"
    config.write_text(mistake + "\n")
    done = rapport("run", "--config", config)
    assert done.returncode == 2
    assert str(config) in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_options_end_with_2():
    assert rapport("run", "--no-such-option").returncode == 2


# --- on the Olist files -------------------------------------------------------------------------------------------


@pytest.fixture
def olist_copy(tmp_path) -> Path:
    if not OLIST.is_dir():
        pytest.skip("the Olist data set is not here")
    shutil.copytree(OLIST, tmp_path / "olist")
    for file in (tmp_path / "olist").iterdir():
        file.chmod(0o644)
    return tmp_path / "olist"


def run_olist(source: Path, home: Path):
    return rapport("run", "--config", "examples/olist/rapport.yml", "--home", home, OLIST_DIR=str(source))


def lines_of(file: Path) -> list[str]:
    return gzip.decompress(file.read_bytes()).decode("utf-8").splitlines(keepends=True)


def write_lines(file: Path, lines: list[str]) -> None:
    file.write_bytes(gzip.compress("".join(lines).encode("utf-8")))


@needs_olist
def test_bad_rows_are_quarantined_and_totals_differ_by_exactly_those_rows(olist_home, olist_copy, tmp_path):
    payments = olist_copy / "olist_order_payments_dataset.csv.gz"
    lines = lines_of(payments)
    garbled, keyless, doubled = (lines[i].rstrip("\r\n").split(",") for i in (10, 20, 30))
    lines[10] = ",".join([*garbled[:-1], "12.3x"]) + "\n"
    lines[20] = ",".join(["", *keyless[1:]]) + "\n"
    lines.insert(31, lines[30])
    write_lines(payments, lines)
    home = a_copy(olist_home, tmp_path)
    done = run_olist(olist_copy, home)
    assert done.returncode == 0, done.stderr
    assert current(home) != current(olist_home)
    quarantine = ask(home, 'select reason_code, line, "column" from audit.quarantine order by line')
    assert [(reason, line) for reason, line, _ in quarantine] == [
        ("bad_decimal", 11),
        ("missing_key", 21),
        ("duplicate_key", 32),
    ]
    ledger = ask(
        home,
        'select "read", superseded, quarantined, difference from audit.row_ledger where "table" = \'order_payments\'',
    )
    assert sorted(ledger) == [(7208, 7208, 0, 0), (7209, 0, 3, 0)]
    total = money(one(home, "select sum(amount) from core.fct_payments"))
    assert total == Decimal("1098002.10") - Decimal(garbled[-1]) - Decimal(keyless[-1])
    ((source, quarantined, duplicate, mart),) = ask(
        home,
        "select sum(source_total), sum(excluded_quarantined), sum(excluded_duplicate), sum(mart_total) "
        "from audit.reconciliation where metric = 'payments' and source = 'olist'",
    )
    assert money(duplicate) == Decimal(doubled[-1])
    assert money(quarantined) == Decimal(keyless[-1])
    assert source - quarantined - duplicate == mart


@needs_olist
def test_an_order_without_a_key_takes_what_hangs_on_it_along(olist_home, olist_copy, tmp_path):
    orders = olist_copy / "olist_orders_dataset.csv.gz"
    lines = lines_of(orders)
    order_id, rest = lines[5].split(",", 1)
    lines[5] = "," + rest
    write_lines(orders, lines)
    lost = money(one(olist_home, f"select sum(amount) from core.fct_payments where order_id = '{order_id}'"))
    home = a_copy(olist_home, tmp_path)
    done = run_olist(olist_copy, home)
    assert done.returncode == 0, done.stderr
    assert ask(home, 'select "table", reason_code, line from audit.quarantine') == [("orders", "missing_key", 6)]
    assert one(home, "select count(*) from core.fct_orders") == 6886
    assert lost > 0
    assert money(one(home, "select sum(amount) from core.fct_payments")) == Decimal("1098002.10") - lost
    # the key was there the day before: for the source it is deleted, and the payments of a deleted order are named so
    assert (
        one(
            home,
            "select sum(excluded_deleted) from audit.reconciliation where metric = 'payments' and source = 'olist'",
        )
        == lost
    )


@needs_olist
def test_without_a_day_before_what_refers_to_a_rejected_order_is_quarantined(olist_copy, tmp_path):
    orders = olist_copy / "olist_orders_dataset.csv.gz"
    lines = lines_of(orders)
    lines[5] = "," + lines[5].split(",", 1)[1]
    write_lines(orders, lines)
    done = run_olist(olist_copy, tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert dict(ask(tmp_path / "home", 'select "table", reason_code from audit.quarantine')) == {
        "orders": "missing_key",
        "order_items": "unknown_reference",
        "order_payments": "unknown_reference",
        "order_reviews": "unknown_reference",
    }


@needs_olist
def test_a_truncated_or_missing_file_ends_with_4_and_nothing_is_landed(olist_home, olist_copy, tmp_path):
    home = a_copy(olist_home, tmp_path)
    before = batches(home)
    items = olist_copy / "olist_order_items_dataset.csv.gz"
    whole = items.read_bytes()
    items.write_bytes(whole[: len(whole) // 2])
    truncated = run_olist(olist_copy, home)
    assert truncated.returncode == 4
    assert "olist_order_items_dataset.csv.gz" in truncated.stderr
    items.unlink()
    missing = run_olist(olist_copy, home)
    assert missing.returncode == 4
    assert "olist_order_items_dataset.csv*" in missing.stderr
    for done in (truncated, missing):
        assert "Traceback" not in done.stderr
    assert batches(home) == before
    assert current(home) == current(olist_home)
