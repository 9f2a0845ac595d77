"""Who persons are is in the restricted edition, and nowhere that anybody else can read."""

import shutil
import stat
from pathlib import Path

import pytest

from pipelines.demo.write import ensure_demo
from pipelines.sources.catalog import load_contract
from tests.markers import Planter, found_in_database, found_in_files, found_in_parquet, marks, plant
from tests.support import copy_of_project, current, rapport, start_parsed

pytestmark = pytest.mark.xdist_group("editions")

CONFIG = """
company: {{name: Demo, currency: EUR, time_zone: Europe/Berlin}}
home: {home}
as_of: 2026-01-01T00:00:00
sources:
  - {{name: demo, system: generic, kind: files, location: {source}, options: {{currency: EUR}}}}
quality: {{max_quarantined_share: 0.9}}
"""


def configured(folder: Path, source: Path) -> Path:
    config = folder / "rapport.yml"
    config.write_text(CONFIG.format(home=folder / "home", source=source), encoding="utf-8")
    return config


@pytest.fixture(scope="module")
def marked(tmp_path_factory) -> tuple[Path, Planter, str]:
    """A small demo company with a marker in every personal field, published: its folder, the markers, the output."""
    folder = tmp_path_factory.mktemp("marked")
    source = ensure_demo(folder / "demo", scale=0.05) / "source"
    planter = plant(source)
    config = configured(folder, source)
    start_parsed(folder / "home")
    done = rapport("run", "--config", config)
    assert done.returncode == 0, done.stderr
    return folder, planter, done.stdout + done.stderr


def readable_by_others(home: Path) -> list[Path]:
    """Every file below `home` that is in no private folder: releases, Dagster's history, logs, the lock."""
    private = [folder for folder in home.rglob("*") if folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) == 0o700]
    return [file for file in home.rglob("*") if file.is_file() and not any(p in file.parents for p in private)]


def test_a_marker_is_in_every_personal_field(marked):
    _, planter, _ = marked
    direct = {(entity, column) for entity, one in load_contract().items() for column in one.get("direct", [])}
    assert len(direct) > 20
    assert direct <= set(planter.planted.values())


def test_the_default_edition_and_all_that_others_can_read_hold_no_marker(marked):
    folder, _, output = marked
    files = readable_by_others(folder / "home")
    release = folder / "home" / "releases" / current(folder / "home")
    names = {file.relative_to(folder / "home").parts[0] for file in files}
    assert {"releases", "dagster"} <= names
    assert {release / "marts.duckdb", release / "manifest.json", release / "verdict.json"} <= set(files)
    assert found_in_files(files) == {}
    assert found_in_database(release / "marts.duckdb") == {}
    parquet = sorted((release / "parquet").rglob("*.parquet"))
    assert len(parquet) > 60
    assert found_in_parquet(parquet) == {}
    assert marks(output.encode()) == set()


def test_the_restricted_edition_holds_a_marker_of_every_personal_field(marked):
    folder, planter, _ = marked
    release = folder / "home" / "releases" / current(folder / "home")
    found = found_in_database(release / "restricted" / "restricted.duckdb")
    kept = {planter.planted[marker] for markers in found.values() for marker in markers if marker in planter.planted}
    direct = {(entity, column) for entity, one in load_contract().items() for column in one.get("direct", [])}
    assert direct <= kept
    rejected = {marker for marker, place in planter.planted.items() if place[1] in ("unreadable", "rejected")}
    assert rejected <= found["restricted.quarantined_row"]


def test_only_the_owner_can_read_persons(marked):
    folder, _, _ = marked
    home = folder / "home"
    edition = home / "releases" / current(home) / "restricted"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (edition, *edition.rglob("*"))}
    assert modes == {"restricted": 0o700, "restricted.duckdb": 0o400}
    for private in (home / "landing", home / "warehouse"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_the_restricted_edition_answers_only_who_asks_for_it(marked):
    config = marked[0] / "rapport.yml"
    sql = (
        "select count(*) from restricted.customer_person join marts.rpt_customer_360 using (customer_number) "
        "where email like '%@%'"
    )
    refused = rapport("query", "--config", config, "--format", "csv", sql)
    assert refused.returncode == 2
    answered = rapport("query", "--config", config, "--format", "csv", "--restricted", sql)
    assert answered.returncode == 0, answered.stderr
    assert int(answered.stdout.split()[-1]) > 40


def fails(folder: Path, exit_code: int, project: Path | None = None, config: Path | None = None) -> str:
    """Run again, expecting a failure; return what it said, after looking for markers in that and in what it left."""
    config = config or folder / "rapport.yml"
    done = rapport("run", "--config", config, **({"project": project} if project else {}))
    said = done.stdout + done.stderr
    assert done.returncode == exit_code, said
    assert marks(said.encode()) == set()
    assert found_in_files(readable_by_others(folder / "home")) == {}
    return said


@pytest.mark.parametrize("damage", ["header", "encoding"])
def test_a_file_that_cannot_be_read_is_named_without_what_it_holds(marked, tmp_path, damage):
    folder = marked[0]
    source = shutil.copytree(folder / "demo" / "source", tmp_path / "source")
    account = source / "account.csv"
    header, rows = account.read_bytes().split(b"\n", 1)
    account.write_bytes(rows if damage == "header" else header + b"\n" + rows + b"\xff\xfe\x00QxTe000001Zj\n")
    config = tmp_path / "rapport.yml"
    config.write_text(CONFIG.format(home=folder / "home", source=source), encoding="utf-8")
    assert "account.csv" in fails(folder, 4, config=config)


def test_errors_of_models_and_failing_tests_are_told_without_what_they_quote(marked, tmp_path):
    folder, planter, _ = marked
    project = copy_of_project(tmp_path)
    (project / "dbt_project/models/restricted/user_person.sql").write_text(
        "select source, user_id, name, cast(cast(email as integer) as varchar) as email from {{ ref('int_user') }}\n"
    )
    test = project / "dbt_project/tests/nobody_has_a_name.sql"
    test.write_text("select * from {{ ref('int_account_keys') }}\n")
    said = fails(folder, 1, project)
    assert "user_person: Conversion Error on the data" in said
    assert "nobody_has_a_name" in said
    # who runs it can read what it was about
    told = marks((folder / "home" / "warehouse" / "data_errors.txt").read_bytes())
    assert told & planter.planted.keys()


def test_a_failing_expectation_shows_rows_that_name_nobody(marked, tmp_path):
    folder = marked[0]
    project = copy_of_project(tmp_path)
    with (project / "expectations" / "rpt_customer_360.yml").open("a") as suite:
        suite.write(
            "  - type: unexpected_rows_expectation\n"
            "    kwargs: {unexpected_rows_query: 'select * from {batch}'}\n"
            "    says: There is no customer.\n"
        )
    said = fails(folder, 3, project)
    assert "There is no customer." in said
    refused = (folder / "home" / "warehouse" / "last_refused.json").read_bytes()
    assert b"customer_number" in refused
    assert marks(refused) == set()
