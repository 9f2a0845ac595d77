"""Quarantined rows are taken out, corrected with what the generator knows, and brought back: exactly those."""

import csv
import json
import shutil
import stat
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.demo.answers import known_answers
from pipelines.demo.company import build_company
from pipelines.demo.files import Files
from pipelines.demo.model import columns_of
from pipelines.demo.spoil import SpoiltCompany, spoil
from pipelines.errors import ConfigError
from tests.golden.test_demo_answers import start_of
from tests.support import ask, batches, copy_of_company, digests, one, rapport

pytestmark = pytest.mark.xdist_group("quarantine")

COMPANY = build_company(7, 0.05)
SPOILT = spoil(COMPANY)
CLEAN = {entity: {row.key: row.values for row in rows} for entity, rows in Files(COMPANY).rows.items()}
# rows that were added to the company's own: nothing could correct them
ADDED = Counter(
    row.reason
    for entity, rows in SPOILT.rows.items()
    for row in rows
    if row.reason
    and (row.key not in CLEAN[entity] or row.reason == "duplicate_key")
    and row.reason != "wrong_field_count"
)


@pytest.fixture(scope="module")
def published(small_company, tmp_path_factory) -> tuple[Path, Path]:
    """A small demo company, published: configuration and home."""
    config = copy_of_company(small_company, tmp_path_factory.mktemp("quarantine"))
    return config, config.parent / "home"


@pytest.fixture(scope="module")
def exported(published) -> Path:
    """The quarantined rows as they were exported."""
    config, _ = published
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(config.parent)
        done = CliRunner().invoke(
            cli, ["quarantine", "export", "rows", "--config", str(config)], catch_exceptions=False
        )
    assert done.exit_code == 0, done.output
    return config.parent / "rows"


@pytest.fixture(scope="module")
def replayed(published, exported) -> tuple[Path, Path, Path]:
    """The company after its rows were corrected and replayed, and the files that were given."""
    config, home = published
    given = config.parent / "given"
    shutil.copytree(exported, given)
    for file in given.glob("*.csv"):
        rewrite(file, corrected)
    done = rapport("quarantine", "replay", given, "--config", config, "--quiet")
    assert done.returncode == 0, done.stderr
    assert f"{sum(ADDED.values())} now" in done.stdout
    return config, home, given


def rewrite(file: Path, change) -> None:
    """Change each row of a CSV file, and write it as a spreadsheet would: no byte order mark, semicolons."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(
            lines, delimiter=";" if ";" in file.read_text(encoding="utf-8-sig").split("\n")[0] else ","
        )
        names, rows = list(reader.fieldnames or ()), [change(dict(row)) for row in reader]
    file.chmod(0o600)
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, names, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def corrected(row: dict[str, str]) -> dict[str, str]:
    """The row as the generator first made it, where it is one of the company's own."""
    columns = columns_of(row["_table"])
    torn = row["_reason"] == "wrong_field_count"
    clean = CLEAN[row["_table"]].get(row["_line_as_it_was"].split(",")[0] if torn else row[columns[0]])
    return (
        row if clean is None or row["_reason"] == "duplicate_key" else {**row, **dict(zip(columns, clean, strict=True))}
    )


def quarantine_of(home: Path) -> Counter:
    return Counter(dict(ask(home, "select reason_code, count(*) from audit.quarantine group by all")))


def assert_everything_balances(home: Path) -> None:
    assert ask(home, "from audit.row_ledger where difference <> 0") == []
    assert ask(home, "from audit.reconciliation where difference <> 0") == []


def test_exported_files_are_private_and_the_audit_log_says_who_took_them(published, exported):
    _, home = published
    files = sorted(exported.glob("*.csv"))
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    log = [json.loads(line) for line in (home / "audit.jsonl").read_text().splitlines()]
    (entry,) = [one for one in log if one["action"] == "export"]
    assert sum(entry["details"]["rows"].values()) == one(home, "select count(*) from audit.quarantine")


def test_a_file_with_mistakes_lands_nothing_and_names_the_lines(published, exported, tmp_path):
    config, home = published
    landed = batches(home)
    file = tmp_path / "orders.csv"
    shutil.copyfile(exported / "demo.order.csv", file)
    rewrite(file, lambda row: {**row, "order_id": row["order_id"] + "9"} if row["_reason"] == "bad_choice" else row)
    run = CliRunner().invoke(cli, ["quarantine", "replay", str(file), "--config", str(config)])
    assert isinstance(run.exception, ConfigError)
    assert "order_id was changed" in str(run.exception)
    shutil.copyfile(exported / "demo.order.csv", file)
    rewrite(file, lambda row: {**row, "status": "levitated"} if row["_reason"] == "bad_choice" else corrected(row))
    done = rapport("quarantine", "replay", file, "--config", config)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "still bad_choice in status" in done.stderr
    assert "levitated" not in done.stderr
    assert batches(home) == landed


def test_the_figures_are_those_of_the_company_without_mistakes(replayed):
    """Also what was lost with a bad row: lines and payments of an order, changes of a deal."""
    _, home, _ = replayed
    answers = known_answers(SpoiltCompany(SPOILT.rows, COMPANY))
    for grain in ("month", "year"):
        rows = ask(
            home,
            "select period_start, revenue, units, orders, customers from marts.rpt_sales_summary "
            f"where period_grain = '{grain}'",
        )
        expected = {
            start_of(period): (Decimal(a["revenue"]), Decimal(a["units"]), a["orders"], a["customers"])
            for period, a in answers["sales"][grain].items()
        }
        assert {start: tuple(figures) for start, *figures in rows} == expected
    outcomes = dict(
        ask(home, "select outcome, count(*) from core.fct_opportunities where exclusion is null group by 1")
    )
    assert outcomes == answers["opportunities_by_outcome"]


def test_only_rows_that_nobody_could_correct_stay_in_quarantine(replayed):
    _, home, _ = replayed
    assert quarantine_of(home) == ADDED
    assert_everything_balances(home)


def test_a_correction_says_where_it_came_from_and_what_it_corrects(replayed):
    _, home, given = replayed
    found = ask(home, 'select "table", file, is_counted, corrected_batch from audit.corrections')
    assert {(f"demo.{table}.csv", True) for table, *_ in found} == {(file, counted) for _, file, counted, _ in found}
    own = Counter(row["_table"] for file in given.glob("*.csv") for row in rows_of(file) if is_changed(row))
    assert Counter(table for table, *_ in found) == own
    assert {batch[:6] for *_, batch in found} == {"000001"}


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


def is_changed(row: dict[str, str]) -> bool:
    """Whether the row in the spoilt file was another one."""
    line = SPOILT.rows[row["_table"]][int(row["_line"]) - 2]
    return line.values != tuple(row[name] for name in columns_of(row["_table"]))


def test_replaying_twice_changes_nothing(replayed):
    config, home, given = replayed
    landed, content = batches(home), digests(home)
    again = rapport("quarantine", "replay", given, "--config", config, "--quiet")
    assert again.returncode == 0, again.stderr
    assert "Nothing new" in again.stdout
    assert (batches(home), digests(home)) == (landed, content)


def test_the_checks_of_the_release_are_pages_that_its_manifest_names(replayed):
    _, home, _ = replayed
    release = home / "releases" / "current"
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    pages = {name for name in manifest["files"] if name.startswith("checks/")}
    assert pages == {f"checks/{file.name}" for file in (release / "checks").iterdir()}
    index = (release / "checks" / "index.html").read_text(encoding="utf-8")
    assert f"All {manifest['verdict']['checks']} checks were answered" in index
    assert "Corrected by hand" in index


@pytest.mark.long
def test_a_correction_survives_the_next_delivery_until_the_source_corrects_the_row(replayed):
    """Of four orders that were broken, one is delivered anew, with a status of its own; three are as they were."""
    config, home, _ = replayed
    before = dict(ask(home, "select order_id, status from core.fct_orders"))
    key = next(row.key for row in SPOILT.rows["order"] if row.reason == "bad_choice")
    broken = {row.key for row in SPOILT.rows["order"] if row.reason}
    source = config.parent / "demo" / "source" / "order.csv"
    text = source.read_text(encoding="utf-8")
    assert text.count("teleported") == 1
    source.write_text(text.replace("teleported", "cancelled"), encoding="utf-8")
    done = rapport("run", "--config", config, "--as-of", "2026-01-02T00:00:00", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    assert dict(ask(home, "select order_id, status from core.fct_orders")) == {**before, key: "cancelled"}
    assert quarantine_of(home) == ADDED
    assert_everything_balances(home)
    counted = dict(
        ask(
            home,
            "select is_counted, count(*) from audit.corrections where \"table\" = 'order' group by all",
        )
    )
    assert counted == {True: len(broken) - 1, False: 1}
