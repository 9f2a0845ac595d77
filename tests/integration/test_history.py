"""What was published stays what it was: past month ends can be replayed, and today's changes touch no past period."""

import csv
import os
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from pipelines.demo.calendar import BERLIN
from pipelines.demo.write import FILES, generate
from pipelines.paths import DBT_PROJECT
from tests.support import ask, demo_config, digests, rapport, start_parsed

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("history")]

SMALL = 0.05
# The shorter profile replays the newest of them only; `make test-history` replays all.
MONTH_ENDS = [
    datetime(2025, 7, 1, tzinfo=BERLIN),
    datetime(2025, 9, 1, tzinfo=BERLIN),
    datetime(2025, 12, 1, tzinfo=BERLIN),
][-int(os.environ.get("RAPPORT_MONTH_ENDS", "1")) :]
TODAY = datetime(2026, 1, 2, tzinfo=BERLIN)


def run(config: Path, home: Path, as_of: datetime) -> None:
    done = rapport("run", "--config", config, "--home", home, "--as-of", as_of.isoformat())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> tuple[Path, Path, dict[datetime, dict[str, str]]]:
    """A company whose files were delivered at each month end and today: configuration, home, digests published then."""
    folder = tmp_path_factory.mktemp("history")
    config = demo_config(folder, SMALL)
    published = {}
    for at in MONTH_ENDS:
        generate(folder / "demo", scale=SMALL, at=at)
        run(config, folder / "home", at)
        published[at] = digests(folder / "home")
    generate(folder / "demo", scale=SMALL)
    run(config, folder / "home", datetime(2026, 1, 1, tzinfo=BERLIN))
    return config, folder / "home", published


@pytest.mark.parametrize("at", MONTH_ENDS, ids=str)
def test_a_past_month_end_can_be_replayed(company, tmp_path, at):
    """From the landing alone, which by now holds what came later."""
    config, home, published = company
    shutil.copytree(home / "landing", tmp_path / "home" / "landing")
    start_parsed(tmp_path / "home")
    run(config, tmp_path / "home", at)
    assert digests(tmp_path / "home") == published[at]


def changed(file: Path, change: Callable[[dict[str, str], int], dict[str, str] | None]) -> None:
    """Rewrite a file of the source; `change` gives the new row, or None where it is to disappear."""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        names, rows = list(reader.fieldnames or ()), list(reader)
    kept = [new for place, row in enumerate(rows) if (new := change(dict(row), place)) is not None]
    assert kept != rows, f"{file.name} is as it was"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


def reassign(row: dict[str, str], place: int) -> dict[str, str]:
    return {**row, "owner_user_id": "U01"}


def reorganise(source: Path) -> None:
    """Every deal and order gets one owner, every customer moves, every price doubles, two teams become one."""
    changed(source / FILES["order"], reassign)
    changed(source / FILES["opportunity"], reassign)
    changed(
        source / FILES["account"], lambda row, _: {**row, "country": "PT", "province": "Faro", "industry": "sports"}
    )
    product = source / FILES["product"]
    text = product.read_text(encoding="utf-8")
    product.write_text(text.replace('"list_price": "', '"list_price": "9').replace('"unit_cost": "', '"unit_cost": "9'))
    assert product.read_text(encoding="utf-8") != text
    with (source / FILES["team"]).open(encoding="utf-8", newline="") as lines:
        first, second, *_ = [row["team_id"] for row in csv.DictReader(lines)]
    changed(source / FILES["user"], lambda row, _: {**row, "team_id": row["team_id"].replace(second, first)})
    changed(source / FILES["team"], lambda row, _: None if row["team_id"] == second else row)


def period_marts() -> dict[str, list[str]]:
    """The marts by period, with the columns that must not change."""
    found = {}
    for file in sorted((DBT_PROJECT / "models" / "marts").rglob("rpt_*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
            names = [column["name"] for column in model["columns"]]
            if "period_grain" in names:
                found[model["name"]] = [name for name in names if not name.startswith("current_")]
    return found


def past_figures(home: Path, mart: str, columns: list[str]) -> list[tuple]:
    """The rows of the periods that had ended when the company was reorganised."""
    names = ", ".join(columns)
    rows = ask(home, f"select {names} from marts.{mart} where period_end <= date '2026-01-01' order by all")
    return [tuple(value if not isinstance(value, date) else str(value) for value in row) for row in rows]


@pytest.mark.skipif(len(MONTH_ENDS) < 3, reason="takes two more whole runs: make test-history")
def test_what_is_reorganised_today_changes_no_past_figure(company, tmp_path):
    config, home, _ = company
    shutil.copytree(home / "landing", tmp_path / "home" / "landing")
    start_parsed(tmp_path / "home")
    run(config, home, TODAY)
    shutil.copytree(config.parent / "demo" / "source", tmp_path / "source")
    reorganise(tmp_path / "source")
    today = tmp_path / "rapport.yml"
    today.write_text(config.read_text().replace(str(config.parent / "demo" / "source"), str(tmp_path / "source")))
    run(today, tmp_path / "home", TODAY)
    expected = {mart: past_figures(home, mart, columns) for mart, columns in period_marts().items()}
    found = {mart: past_figures(tmp_path / "home", mart, columns) for mart, columns in period_marts().items()}
    assert {mart for mart in expected if expected[mart] != found[mart]} == set()
    assert all(expected.values())
    owners = "select count(distinct current_owner), count(distinct owner) from marts.rpt_opportunities"
    ((current_owners, owners_then),) = ask(tmp_path / "home", owners)
    assert current_owners == 1 < owners_then
