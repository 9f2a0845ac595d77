"""Who persons are is in the restricted edition, and nowhere that anybody else can read."""

import json
import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from pipelines.demo.write import ensure_demo
from pipelines.landing.batches import list_batches, verify_batch
from pipelines.releases.names import RESTRICTED_DATABASE as RESTRICTED
from pipelines.releases.proof import file_hashes
from pipelines.sources.catalog import load_contract
from tests.markers import Planter, found_in_database, found_in_files, found_in_parquet, marks, plant
from tests.support import copy_of_project, current, digests, rapport, start_parsed

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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_erasing_a_person_leaves_nothing_of_it_and_changes_no_figure(marked, tmp_path):
    folder, planter, _ = marked
    home, config = folder / "home", folder / "rapport.yml"
    before = {name: digest for name, digest in digests(home).items() if name.split(".")[0] in ("marts", "core")}
    # what says how many rows and batches were read tells of the delivery
    del before["marts.rpt_data_quality"]
    release = home / "releases" / current(home)
    number, account, of_person, of_others = somebody(release, planter)

    done = rapport("erase", "--config", config, "--customer", number, "--why", "request 17")

    assert done.returncode == 0, done.stderr
    assert "erase there too" in done.stdout
    kept = found_in_landing(home) | set().union(*found_in_database(release / RESTRICTED).values())
    assert not of_person & kept
    assert not of_person & set().union(*found_in_files((home / "releases").rglob("*")).values())
    assert of_others <= kept
    assert not (home / "warehouse" / "warehouse.duckdb").exists()
    log = [json.loads(line) for line in (home / "audit.jsonl").read_text().splitlines()]
    (entry,) = [one for one in log if one["action"] == "erase"]
    assert entry["details"]["why"] == "request 17"
    assert account not in json.dumps(entry) + (home / "erased.json").read_text()
    assert not marks((home / "audit.jsonl").read_bytes() + (home / "erased.json").read_bytes())
    manifest = json.loads((release / "manifest.json").read_text())
    assert manifest["files"] == file_hashes(release)
    changed = {one["batch"]: one for one in entry["details"]["batches"]}
    assert any("/account/" in name for name in changed)
    for batch in list_batches(home / "landing"):
        verify_batch(batch)
        told = changed.get(f"{batch.system}/{batch.source}/{batch.table}/{batch.batch_id}")
        assert told is None or told["rows_sha256"][1] == batch.rows_sha256

    # a delivery brings the person back: it is erased as it is landed, and figures are what they were
    with (folder / "demo" / "source" / "account.csv").open("a") as file:
        file.write("\n")
    again = rapport("run", "--config", config)
    assert again.returncode == 0, again.stderr
    assert "account: landed" in again.stderr
    assert not of_person & found_in_landing(home)
    after = {name: digest for name, digest in digests(home).items() if name.split(".")[0] in ("marts", "core")}
    assert [name for name in before if after.get(name) != before[name]] == []


def somebody(release: Path, planter: Planter) -> tuple[str, str, set[bytes], set[bytes]]:
    """A customer who has bought, with texts: its number, an account, its markers, and those of others."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{release / 'marts.duckdb'}' as release (read_only)")
        connection.execute(f"attach '{release / RESTRICTED}' as people (read_only)")
        number, account = connection.execute(
            "select p.customer_number, any_value(p.account_id) from people.restricted.customer_person as p "
            "join release.core.fct_orders as o using (customer_number) "
            "join people.restricted.texts as t on t.account_id = p.account_id "
            "group by all order by count(*) desc, 1 limit 1"
        ).fetchone()
        rows = connection.execute(
            "select customer_number = ? as own, columns(* exclude (customer_number))::varchar "
            "from people.restricted.customer_person",
            [number],
        ).fetchall()
        texts = connection.execute(
            "select account_id = ?, content from people.restricted.texts where account_id is not null", [account]
        ).fetchall()
    own, others = set(), set()
    for is_own, *values in [*rows, *texts]:
        (own if is_own else others).update(marks("\n".join(str(value) for value in values).encode()))
    assert len(own) > 5
    # dates of birth are used for several persons
    return number, account, {one for one in own - others if b"-" not in one}, {one for one in others if b"-" not in one}


def found_in_landing(home: Path) -> set[bytes]:
    files = sorted((home / "landing").rglob("*.parquet"))
    return set().union(*found_in_parquet(files).values(), *found_in_files(files).values())
