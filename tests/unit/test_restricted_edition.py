"""Who persons are is published with the figures, proven like them, and readable by the owner only."""

import os
import stat
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ConfigError, ProofError, RapportError
from pipelines.paths import make_private
from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Check, Verdict
from pipelines.refresh.steps import reason
from pipelines.releases import candidate as building
from pipelines.releases.candidate import build_candidate, export_parquet
from pipelines.releases.catalog import query, read_manifest
from pipelines.releases.proof import file_hashes
from pipelines.releases.publish import publish
from pipelines.warehouse.dbt import NodeResult

PASSED = Verdict((Check("marts.sales.sound", "marts.sales", "It is so.", True, True, "0 rows", "no rows"),))
MANIFEST = {"release_id": "r1", "number": 1}


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    return tmp_path / "releases"


@pytest.fixture(autouse=True)
def no_umask():
    """Nothing is private because of the umask."""
    before = os.umask(0)
    yield
    os.umask(before)


def prepared(releases: Path) -> Path:
    """A judged candidate of both editions."""
    warehouse = releases.parent / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            """
            create schema marts; create schema restricted;
            create table marts.sales as select 'C1' as customer_number, 10 as revenue;
            create table restricted.customer_person as select 'C1' as customer_number, 'Ada' as name;
            comment on column restricted.customer_person.name is 'Name.';
            """
        )
    candidate = build_candidate(warehouse, releases, "r1")
    store_verdict(candidate / "marts.duckdb", PASSED)
    export_parquet(candidate)
    return candidate


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


def test_at_no_moment_others_can_read_persons(releases, monkeypatch):
    seen = []
    original = building.copy_database

    def watched(warehouse: Path, target: Path, schemas: tuple[str, ...]):
        if target.parent.name == "restricted":
            seen.append(stat.S_IMODE(target.parent.stat().st_mode))
        return original(warehouse, target, schemas)

    monkeypatch.setattr(building, "copy_database", watched)
    candidate = prepared(releases)
    assert seen == [0o700]
    assert modes(candidate / "restricted") == {"restricted": 0o700, "restricted.duckdb": 0o600}
    release = publish(candidate, releases, MANIFEST, keep=9).folder
    assert modes(release / "restricted") == {"restricted": 0o700, "restricted.duckdb": 0o400}
    assert stat.S_IMODE((release / "marts.duckdb").stat().st_mode) == 0o444


def test_the_default_edition_has_no_trace_of_the_other(releases):
    release = publish(prepared(releases), releases, MANIFEST, keep=9).folder
    with duckdb.connect(str(release / "marts.duckdb"), read_only=True) as connection:
        schemas = connection.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert sorted(schemas) == [("audit",), ("marts",)]
    assert not list((release / "parquet").rglob("*person*"))
    for file in release.rglob("*"):
        if file.is_file() and file.parent.name != "restricted":
            assert b"Ada" not in file.read_bytes()
    assert b"Ada" in (release / "restricted" / "restricted.duckdb").read_bytes()


def test_the_manifest_says_what_the_restricted_edition_holds(releases):
    release = publish(prepared(releases), releases, MANIFEST, keep=9).folder
    manifest = read_manifest(release)
    assert set(manifest["tables"]) == {"marts.sales", "audit.verdict"}
    assert {name: one["rows"] for name, one in manifest["restricted_tables"].items()} == {
        "restricted.customer_person": 1
    }
    assert manifest["files"] == file_hashes(release)
    assert "restricted/restricted.duckdb" in manifest["files"]


@pytest.mark.parametrize(("place", "mode"), [("restricted", 0o750), ("restricted/restricted.duckdb", 0o604)])
def test_a_candidate_that_others_could_read_is_not_published(releases, place, mode):
    candidate = prepared(releases)
    (candidate / place).chmod(mode)
    with pytest.raises(ProofError, match=f"has mode {mode:o}"):
        publish(candidate, releases, MANIFEST, keep=9)
    assert not (releases / "r1").exists()


def test_persons_that_were_not_there_when_the_candidate_was_judged_are_not_published(releases):
    candidate = prepared(releases)
    with duckdb.connect(str(candidate / "restricted" / "restricted.duckdb")) as connection:
        catalog = connection.execute("select current_database()").fetchone()[0]
        connection.execute(f"insert into {catalog}.restricted.customer_person values ('C2', 'Bo')")
    with pytest.raises(ProofError, match=r"restricted\.customer_person is not what was judged"):
        publish(candidate, releases, MANIFEST, keep=9)


def test_persons_are_found_by_who_asks_for_them(releases):
    publish(prepared(releases), releases, MANIFEST, keep=9)
    sql = "select name, revenue from restricted.customer_person join marts.sales using (customer_number)"
    assert query(releases, sql, restricted=True) == (["name", "revenue"], [("Ada", 10)])
    with pytest.raises(ConfigError):
        query(releases, sql)


def test_a_release_without_a_restricted_edition_says_so(releases):
    folder = publish(prepared(releases), releases, MANIFEST, keep=9).folder
    (folder / "restricted" / "restricted.duckdb").unlink()
    with pytest.raises(RapportError, match="has no restricted edition"):
        query(releases, "select 1", restricted=True)


def test_a_folder_that_others_could_enter_is_closed(tmp_path):
    folder = tmp_path / "landing"
    folder.mkdir(mode=0o777)
    assert stat.S_IMODE(make_private(folder).stat().st_mode) == 0o700
    assert stat.S_IMODE(make_private(tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Runtime Error in model int_x (models/int_x.sql)\n  Conversion Error: Could not convert 'Ada'", False),
        ("Runtime Error in model int_x (models/int_x.sql)\n  Conversion Error: 'Binder Error: Ada'", False),
        ("Python model failed: Ada", False),
        ('Runtime Error in model int_x (models/int_x.sql)\n  Binder Error: there is no column "Ada"', True),
        ("Compilation Error in model int_x (models/int_x.sql)\n  no such macro: Ada", True),
    ],
)
def test_an_error_that_data_caused_is_told_without_what_it_quotes(message, told):
    said = reason(NodeResult("model.int_x", "int_x", "model", "error", message, 0, 0.0, None))
    assert ("Ada" in said) is told
    assert told or "data_errors.txt" in said
