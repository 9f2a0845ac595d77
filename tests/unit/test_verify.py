"""Whatever is changed, removed or added below a home is found, and named."""

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.audit_log import read_log, record
from pipelines.config import Source
from pipelines.errors import ConfigError, ProofError, RapportError
from pipelines.landing.batches import list_batches
from pipelines.landing.ingest import ingest_source
from pipelines.landing.recorded import batch_name, record_landed
from pipelines.paths import Home
from pipelines.refresh.lock import only_run
from pipelines.refresh.rollback import roll_back
from pipelines.refresh.verify import restart_log, verify_home
from pipelines.releases.chain import PREVIOUS, manifest_sha256, read_chain
from pipelines.sources.catalog import TableSpec
from tests.unit.test_releases import release

CATALOG = {"orders": TableSpec("generic", "orders", ("orders.csv",), True, ("id", "name"), None, ("id",), ("id",))}


def land(home: Home, text: str, day: int) -> None:
    source = home.root.parent / f"{home.root.name}-source"
    source.mkdir(exist_ok=True)
    (source / "orders.csv").write_text(text)
    crm = Source(name="crm", system="generic", kind="files", location=source)
    ingest_source(crm, home.landing, datetime(2024, 5, day, tzinfo=UTC), catalog=CATALOG)


def filled(root: Path) -> Home:
    """A home with two batches and three releases, of which the first was pruned."""
    home = Home(root)
    land(home, "id,name\n1,one\nbad\n", 1)
    land(home, "id,name\n1,one\n2,two\n", 2)
    record_landed(home.audit_log, home.landing)
    for number in (1, 2, 3):
        release(home.releases, number, keep=2)
    return home


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Home:
    """Made once; tests that change it put it back."""
    return filled(tmp_path_factory.mktemp("verify") / "home")


@pytest.fixture
def home(made, tmp_path) -> Home:
    """A copy of its own for a test."""
    return Home(shutil.copytree(made.root, tmp_path / "home", symlinks=True))


def findings(home: Home) -> str:
    return "\n".join(verify_home(home).findings)


def edit(file: Path, old: str, new: str) -> None:
    file.chmod(0o644)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_what_is_as_it_was_recorded_is_sound(home):
    found = verify_home(home)
    assert (found.findings, found.notes) == ((), ())
    assert (found.releases, found.batches) == (2, 2)
    assert found.head.entries == 5  # the landing, three publications, one pruning
    assert read_log(home.audit_log).entries[-1]["details"] == {"outcome": "sound", "findings": 0}


def every_file(home: Home) -> list[Path]:
    return sorted(path for path in home.root.rglob("*") if path.is_file() and "current" not in path.parts)


def flipped(file: Path, offset: int, bits: int) -> None:
    with file.open("r+b") as stream:
        stream.seek(offset)
        (byte,) = stream.read(1)
        stream.seek(offset)
        stream.write(bytes([byte ^ bits]))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_byte_that_is_changed_anywhere_is_found_and_its_file_named(made, data):
    file = data.draw(st.sampled_from(every_file(made)), label="file")
    share = data.draw(st.floats(0, 1, exclude_max=True), label="share")
    bits = data.draw(st.integers(1, 255), label="bits")
    # as a share, because the log grows by a line with each verification
    assert_found(made, file, int(file.stat().st_size * share), bits)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_changed_byte_is_found_in_every_file(made, place):
    for file in every_file(made):
        size = file.stat().st_size
        assert_found(made, file, {"first": 0, "middle": size // 2, "last": size - 1}[place], 1)


def assert_found(home: Home, file: Path, offset: int, bits: int) -> None:
    mode = file.stat().st_mode
    file.chmod(0o644)
    flipped(file, offset, bits)
    try:
        found = verify_home(home).findings
    finally:
        flipped(file, offset, bits)
        file.chmod(mode)
    names = ("audit.jsonl", "audit.head") if file.parent == home.root else (str(file),)
    assert any(name in finding for finding in found for name in names), found


def test_everything_wrong_is_listed_and_not_only_the_first(home):
    edit(home.releases / "r2" / "verdict.json", "It is so.", "It is no.")
    edit(home.releases / "r3" / "manifest.json", '"number": 3', '"number": 8')
    (home.releases / "r3" / "parquet" / "marts" / "sales.parquet").unlink()
    (home.releases / "r3" / "notes.txt").write_text("hello")
    (home.releases / "r3" / "empty").mkdir()
    (home.landing / "generic" / "more.csv").write_text("1")
    found = findings(home)
    for place, wrong in (
        ("r2/verdict.json", "was changed after it was published"),
        ("r3/manifest.json", "was changed after it was published"),
        ("r3/parquet/marts/sales.parquet", "is missing"),
        ("r3/notes.txt", "was added after"),
        ("r3/empty", "was added after"),
        ("generic/more.csv", "is no part of the landing"),
    ):
        assert f"{place}: {wrong}" in found
    assert read_log(home.audit_log).entries[-1]["details"] == {"outcome": "found", "findings": 6}


def test_a_manifest_and_the_file_that_it_names_cannot_be_changed_together(home):
    folder = home.releases / "r2"
    told = json.loads((folder / "manifest.json").read_text())
    edit(folder / "verdict.json", "It is so.", "It is no.")
    changed = hashlib.sha256((folder / "verdict.json").read_bytes()).hexdigest()
    edit(folder / "manifest.json", told["files"]["verdict.json"], changed)
    (found,) = verify_home(home).findings
    assert "r2/manifest.json: was changed" in found


def test_a_release_that_was_removed_and_not_pruned_is_missed(home):
    shutil.rmtree(home.releases / "r2")
    assert "r2: is missing: release number 2 was published and never pruned" in findings(home)


def test_a_release_that_nobody_published_is_found(home):
    shutil.copytree(home.releases / "r3", home.releases / "r4")
    manifest = home.releases / "r4" / "manifest.json"
    edit(manifest, '"release_id": "r3"', '"release_id": "r4"')
    edit(manifest, '"number": 3', '"number": 4')
    assert "r4: is not in the audit log" in findings(home)


@pytest.mark.parametrize("target", ["gone", "..", "/", "../releases/r3"])
def test_a_link_that_leads_anywhere_else_is_found(home, target):
    (home.releases / "current").unlink()
    (home.releases / "current").symlink_to(target)
    assert f"current: leads to {target}, which is no release" in findings(home)


def test_a_link_that_somebody_moved_to_another_release_is_found(home):
    (home.releases / "current").unlink()
    assert "current: is missing: it should lead to r3" in findings(home)
    (home.releases / "current").symlink_to("r2")
    assert "current: leads to r2; the audit log says r3" in findings(home)


def test_a_batch_that_was_removed_added_or_changed_with_its_manifest_is_found(home):
    first, second = list_batches(home.landing)
    moved = second.folder.with_name("000003-" + second.content_hash[:12])
    shutil.copytree(second.folder, moved)
    edit(moved / "manifest.json", f'"{second.batch_id}"', f'"{moved.name}"')
    edit(moved / "manifest.json", '"number": 2', '"number": 3')
    edit(second.folder / "manifest.json", '"rows": 2', '"rows": 1')
    shutil.rmtree(first.folder)
    found = findings(home)
    assert f"{first.folder}: is missing: the audit log says that it was landed" in found
    assert f"{moved}: was landed, but is not in the audit log" in found
    assert f"{second.folder}/manifest.json: was changed after the batch was landed" in found
    shutil.copyfile(second.rejects_file, second.rows_file.with_name("x"))
    second.rows_file.unlink()
    second.rows_file.with_name("x").rename(second.rows_file)
    edit(second.folder / "manifest.json", second.rows_sha256, second.rejects_sha256)
    assert "rows.parquet" in findings(home)


def test_an_erasure_that_was_recorded_is_no_damage(home):
    batch = list_batches(home.landing)[0]
    old = batch.rows_sha256
    for file in (batch.rows_file, batch.folder / "manifest.json"):
        file.chmod(0o644)
    batch.rows_file.write_bytes(batch.rejects_file.read_bytes())
    edit(batch.folder / "manifest.json", f'"rows_sha256": "{old}"', f'"rows_sha256": "{batch.rejects_sha256}"')
    assert "rows.parquet: was changed" in findings(home)
    manifest = home.releases / "r2" / "manifest.json"
    published = manifest_sha256(manifest.parent)
    edit(manifest, '"number": 2', '"number": 2, "erased": true')
    change = {
        "batch": batch_name(batch),
        "rows_sha256": [old, batch.rejects_sha256],
        "rejects_sha256": [batch.rejects_sha256, batch.rejects_sha256],
    }
    rewritten = {"release": "r2", "manifest_sha256": [published, manifest_sha256(manifest.parent)]}
    record(home.audit_log, "erase", batches=[change], releases=[rewritten])
    assert findings(home) == ""
    edit(manifest, "true", "null")
    batch.rows_file.write_bytes(b"")
    assert "r2/manifest.json: was changed" in findings(home)
    assert "rows.parquet: was changed" in findings(home)


def test_a_log_that_was_written_anew_is_given_away_by_what_the_manifests_name(home):
    first = read_log(home.audit_log).hashes[0]
    home.audit_log.unlink()
    home.audit_log.with_suffix(".head").unlink()
    assert "audit.jsonl: is missing or empty, and releases were published since it began" in findings(home)
    # which was recorded, so that there is a log again
    assert "names a line of the audit log which is not there" in findings(home)
    assert f"has no line with the hash {first}" in "\n".join(verify_home(home, first).findings)


def test_a_lost_log_stops_publication_until_a_person_begins_a_new_one(home):
    home.audit_log.unlink()
    home.audit_log.with_suffix(".head").unlink()
    with pytest.raises(RapportError, match="rapport log --restart"):
        release(home.releases, 4)
    restart_log(home, "the disk was replaced")
    assert findings(home) == ""
    release(home.releases, 4)
    assert findings(home) == ""
    edit(home.releases / "r3" / "verdict.json", "It is so.", "It is no.")
    assert "r3/verdict.json" in findings(home)


def test_a_broken_log_decides_nothing_until_it_is_set_aside(home):
    edit(home.audit_log, '"action": "publish"', '"action": "pubfish"')
    with pytest.raises(RapportError, match="line 3 does not follow"):
        release(home.releases, 4)
    with pytest.raises(RapportError, match="does not follow"):
        roll_back(home, "r2", "because")
    found = verify_home(home)
    assert found.notes == ("The audit log is broken, so everything else was held against its own manifests only.",)
    restart_log(home, "line 2 was edited by hand")
    assert findings(home) == ""


def test_what_a_run_at_work_has_not_finished_is_no_verdict(home):
    (home.releases / "r3" / "notes.txt").write_text("hello")
    with only_run(home.lock), pytest.raises(RapportError, match="A run was at work"):
        verify_home(home)


def test_a_known_line_that_is_there_is_no_finding(home):
    known = read_log(home.audit_log).hashes[2].upper()
    assert verify_home(home, known).findings == ()


# The chain


def test_every_manifest_names_the_one_before_it(home):
    chain = read_chain(home.releases)
    assert [(link.number, link.release_id, link.is_pruned) for link in chain.links.values()] == [
        (1, "r1", True),
        (2, "r2", False),
        (3, "r3", False),
    ]
    told = json.loads((home.releases / "r2" / "manifest.json").read_text())
    assert told[PREVIOUS] == chain.links[1].manifest_sha256[0]
    told = json.loads((home.releases / "r3" / "manifest.json").read_text())
    assert told[PREVIOUS] == manifest_sha256(home.releases / "r2")


def test_numbers_have_no_gaps(home):
    with pytest.raises(ConfigError, match="number: found 5, expected 4"):
        release(home.releases, 5)
    assert (home.releases / "current").readlink() == Path("r3")


def test_releases_older_than_the_chain_are_held_against_their_own_manifests(home):
    for name in ("r2", "r3"):
        manifest = home.releases / name / "manifest.json"
        told = {key: value for key, value in json.loads(manifest.read_text()).items() if key not in (PREVIOUS, "log")}
        manifest.chmod(0o644)
        manifest.write_text(json.dumps(told))
    for file in (home.audit_log, home.audit_log.with_suffix(".head")):
        file.unlink()
    found = verify_home(home)
    assert found.findings == ()
    assert found.notes == (
        "Older than the chain, and held against their own manifests only: r2, r3.",
        "2 batches are older than the audit log; the next run records them.",
    )
    edit(home.releases / "r2" / "verdict.json", "It is so.", "It is no.")
    assert "r2/verdict.json: was changed" in findings(home)
    edit(home.releases / "r2" / "verdict.json", "It is no.", "It is so.")
    record_landed(home.audit_log, home.landing)
    release(home.releases, 4)
    assert verify_home(home).notes == ("Older than the chain, and held against their own manifests only: r2, r3.",)
    roll_back(home, "r2", "back before the chain")
    release(home.releases, 5)
    assert findings(home) == ""


# Rollback and retention


def test_a_rollback_lets_readers_see_the_older_release_and_says_who_and_why(home, monkeypatch):
    monkeypatch.setenv("RAPPORT_USER", "controller")
    assert roll_back(home, "r2", " revenue is doubled ").id == "r2"
    assert (home.releases / "current").readlink() == Path("r2")
    entry = read_log(home.audit_log).entries[-1]
    assert (entry["who"], entry["action"]) == ("controller", "rollback")
    assert entry["details"] == {
        "release": "r2",
        "number": 2,
        "left": "r3",
        "rolled_back": ["r3"],
        "why": "revenue is doubled",
    }
    assert read_chain(home.releases).rolled_back == {"r3"}
    assert findings(home) == ""


def test_going_forward_again_takes_the_mark_away(home):
    roll_back(home, "r2", "by mistake")
    roll_back(home, "r3", "it was right")
    assert read_chain(home.releases).rolled_back == frozenset()


def test_what_is_published_again_or_anew_is_not_rolled_back(home):
    roll_back(home, "r2", "wrong")
    release(home.releases, 4)
    assert read_chain(home.releases).rolled_back == {"r3"}
    assert (home.releases / "current").readlink() == Path("r4")
    release(home.releases, 3)
    assert read_chain(home.releases).rolled_back == frozenset()
    assert findings(home) == ""


def test_a_damaged_release_is_not_rolled_back_to(home):
    edit(home.releases / "r2" / "verdict.json", "It is so.", "It is no.")
    lines = len(read_log(home.audit_log).entries)
    with pytest.raises(ProofError, match=r"r2 is not what was published(.|\n)*verdict\.json"):
        roll_back(home, "r2", "wrong")
    assert (home.releases / "current").readlink() == Path("r3")
    assert len(read_log(home.audit_log).entries) == lines


@pytest.mark.parametrize(
    ("release_id", "why", "message"),
    [("r1", "x", "has no release 'r1'"), ("../r2", "x", "release id"), ("r2", "  ", "--why: is empty")],
)
def test_a_rollback_to_nowhere_or_without_a_reason_is_refused(home, release_id, why, message):
    with pytest.raises(ConfigError, match=message):
        roll_back(home, release_id, why)
    assert (home.releases / "current").readlink() == Path("r3")


def test_a_rollback_waits_for_no_run(home):
    with only_run(home.lock), pytest.raises(RapportError, match="another run is at work"):
        roll_back(home, "r2", "wrong")


def test_the_release_that_was_current_before_is_never_pruned(home):
    """Whoever resolved the link a moment ago still has to open what it led to."""
    roll_back(home, "r2", "wrong")
    release(home.releases, 4, keep=1)
    assert sorted(path.name for path in home.releases.iterdir()) == ["current", "r2", "r4"]
    release(home.releases, 5, keep=1)
    assert sorted(path.name for path in home.releases.iterdir()) == ["current", "r4", "r5"]
    assert findings(home) == ""


def test_a_pruned_release_stays_readable_for_whoever_has_it_open(home):
    with duckdb.connect() as connection, (home.releases / "r2/parquet/marts/sales.parquet").open("rb") as parquet:
        connection.execute(f"attach '{home.releases}/r2/marts.duckdb' as held (read_only)")
        release(home.releases, 4, keep=1)
        release(home.releases, 5, keep=1)
        assert not (home.releases / "r2").exists()
        assert connection.execute("select count(*) from held.core.fct_sale").fetchone() == (3,)
        assert len(parquet.read()) == os.fstat(parquet.fileno()).st_size > 0
