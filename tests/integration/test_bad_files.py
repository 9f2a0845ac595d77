"""What becomes of bad rows and bad files, on copies of the Olist files."""

import gzip
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support import OLIST, ask, batches, current, money, needs_olist, one, rapport, restored

pytestmark = [needs_olist, pytest.mark.xdist_group("olist")]


@pytest.fixture
def home(olist_home, tmp_path):
    """The published home; what a test does to it is undone."""
    shutil.copytree(olist_home, tmp_path / "backup", symlinks=True)
    yield olist_home
    restored(olist_home, tmp_path / "backup")


@pytest.fixture
def source(tmp_path) -> Path:
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


@pytest.mark.long
def test_bad_rows_are_quarantined_and_totals_differ_by_exactly_those_rows(home, source):
    release = current(home)
    payments, orders = (source / f"olist_{name}_dataset.csv.gz" for name in ("order_payments", "orders"))
    lines = lines_of(payments)
    garbled, keyless, doubled = (lines[i].rstrip("\r\n").split(",") for i in (10, 20, 30))
    lines[10] = ",".join([*garbled[:-1], "12.3x"]) + "\n"
    lines[20] = ",".join(["", *keyless[1:]]) + "\n"
    lines.insert(31, lines[30])
    write_lines(payments, lines)
    order_lines = lines_of(orders)
    order_id, rest = order_lines[5].split(",", 1)
    order_lines[5] = "," + rest
    write_lines(orders, order_lines)
    of_the_order = money(one(home, f"select sum(amount) from core.fct_payments where order_id = '{order_id}'"))
    assert order_id not in {row[0] for row in (garbled, keyless, doubled)}
    assert of_the_order > 0

    done = run_olist(source, home)

    assert done.returncode == 0, done.stderr
    assert current(home) != release
    assert ask(home, 'select "table", reason_code, line from audit.quarantine order by all') == [
        ("order_payments", "bad_decimal", 11),
        ("order_payments", "duplicate_key", 32),
        ("order_payments", "missing_key", 21),
        ("orders", "missing_key", 6),
    ]
    # of the batch before, the row whose key is gone counts as deleted, the others as replaced
    ledger = ask(
        home,
        'select "read", conformed, superseded, deleted, quarantined, difference from audit.row_ledger '
        "where \"table\" = 'order_payments' order by batch",
    )
    assert ledger == [(7208, 0, 7207, 1, 0, 0), (7209, 7206, 0, 0, 3, 0)]
    assert one(home, "select count(*) from core.fct_orders") == 6886
    lost = Decimal(garbled[-1]) + Decimal(keyless[-1]) + of_the_order
    assert money(one(home, "select sum(amount) from core.fct_payments")) == Decimal("1098002.10") - lost
    ((total, quarantined, duplicate, deleted, published),) = ask(
        home,
        "select sum(source_total), sum(excluded_quarantined), sum(excluded_duplicate), sum(excluded_deleted), "
        "sum(mart_total) from audit.reconciliation where metric = 'payments' and source = 'olist'",
    )
    # what is not a number adds nothing to the source's total; the payments of the order whose key is gone are named
    assert money(total) == Decimal("1098002.10") - Decimal(garbled[-1]) + Decimal(doubled[-1])
    assert (money(quarantined), money(duplicate), money(deleted)) == (
        Decimal(keyless[-1]),
        Decimal(doubled[-1]),
        of_the_order,
    )
    assert total - quarantined - duplicate - deleted == published


def test_a_truncated_or_missing_file_ends_with_4_and_nothing_is_landed(home, source):
    landed, release = batches(home), current(home)
    items = source / "olist_order_items_dataset.csv.gz"
    whole = items.read_bytes()
    items.write_bytes(whole[: len(whole) // 2])
    truncated = run_olist(source, home)
    assert truncated.returncode == 4
    assert "olist_order_items_dataset.csv.gz" in truncated.stderr
    items.unlink()
    missing = run_olist(source, home)
    assert missing.returncode == 4
    assert "olist_order_items_dataset.csv*" in missing.stderr
    for done in (truncated, missing):
        assert "Traceback" not in done.stderr
    assert (batches(home), current(home)) == (landed, release)
