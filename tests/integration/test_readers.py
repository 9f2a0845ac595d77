"""Readers at work while releases are published and pruned: each sees one whole release, and none meets an error.

`make test-readers` has 8 readers for 60 seconds over 20 publications; here it is 3 readers and 4 publications.
RAPPORT_READERS, RAPPORT_PUBLICATIONS and RAPPORT_READER_SECONDS set it.
"""

import json
import multiprocessing
import os
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.paths import Home
from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Check, Verdict
from pipelines.refresh.verify import verify_home
from pipelines.releases.candidate import build_candidate, export_parquet
from pipelines.releases.catalog import list_releases, query
from pipelines.releases.database import opened
from pipelines.releases.digest import column_types, database_facts, relation_facts
from pipelines.releases.publish import publish

pytestmark = pytest.mark.xdist_group("readers")

READERS = int(os.environ.get("RAPPORT_READERS", "3"))
PUBLICATIONS = int(os.environ.get("RAPPORT_PUBLICATIONS", "4"))
SECONDS = float(os.environ.get("RAPPORT_READER_SECONDS", "0"))
KEEP = 2
PATIENCE = 120
TABLES = ("a", "b", "c")
PASSED = Verdict((Check("marts.a.sound", "marts.a", "It is so.", True, True),))


def publish_number(home: Home, number: int) -> tuple[str, ...]:
    """Publish release `number`, whose tables all hold that number and nothing else; return what was pruned."""
    warehouse = home.root / "warehouse.duckdb"
    warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts")
        for table in TABLES:
            connection.execute(f"create table marts.{table} as select {number} as n, i from range(2000) t(i)")
    candidate = build_candidate(warehouse, home.releases, f"r{number}")
    store_verdict(candidate / "marts.duckdb", PASSED)
    export_parquet(candidate)
    return publish(candidate, home.releases, {"release_id": f"r{number}", "number": number}, KEEP).pruned


def look(releases: Path) -> int:
    """The number of the current release, after holding database and Parquet against the manifest in the same folder."""
    folder = (releases / "current").resolve(strict=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    told = {name: table["digest"] for name, table in manifest["tables"].items()}
    assert {name: facts.digest for name, facts in database_facts(folder / "marts.duckdb").items()} == told
    with opened(folder / "marts.duckdb") as database, duckdb.connect() as connection:
        for table in TABLES:
            columns = column_types(database, "marts", table)
            facts = relation_facts(connection, f"'{folder}/parquet/marts/{table}.parquet'", columns)
            assert facts.digest == told[f"marts.{table}"], f"{folder}: {table}.parquet"
    # and as a person asks: whatever is current by now
    _, rows = query(releases, " union all ".join(f"select n, count(*) from marts.{t} group by n" for t in TABLES))
    assert len(set(rows)) == 1 and len(rows) == len(TABLES), rows
    assert rows[0][0] >= manifest["number"], "time went backwards"
    return manifest["number"]


def read_in_a_loop(releases: Path, looks, stop, answers) -> None:
    """Look again and again; count looks, and report what was seen, or what went wrong."""
    seen: list[int] = []
    try:
        while not stop.is_set():
            seen.append(look(releases))
            looks.value += 1
        assert seen == sorted(seen)
        answers.put((None, len(seen), sorted(set(seen))))
    except BaseException as error:  # the test wants to know whatever it was
        answers.put((repr(error), len(seen), sorted(set(seen))))


def wait_for_a_look(looks: list, answers) -> None:
    """Return when each reader has finished a look since now: so nobody is more than one publication behind."""
    before = [one.value for one in looks]
    deadline = time.monotonic() + PATIENCE
    while answers.empty() and any(one.value == count for one, count in zip(looks, before, strict=True)):
        assert time.monotonic() < deadline, "a reader stands still"
        time.sleep(0.02)  # leaves the processor to the readers


def test_readers_see_whole_releases_while_twenty_are_published_and_pruned(tmp_path):
    home = Home(tmp_path / "home")
    home.root.mkdir()
    publish_number(home, 1)
    spawn = multiprocessing.get_context("spawn")
    stop, answers = spawn.Event(), spawn.Queue()
    looks = [spawn.Value("q", 0) for _ in range(READERS)]
    readers = [spawn.Process(target=read_in_a_loop, args=(home.releases, one, stop, answers)) for one in looks]
    for reader in readers:
        reader.start()
    pruned: list[str] = []
    try:
        wait_for_a_look(looks, answers)
        started = time.monotonic()
        for number in range(2, PUBLICATIONS + 2):
            pruned += publish_number(home, number)
            wait_for_a_look(looks, answers)
            while SECONDS and answers.empty() and time.monotonic() - started < SECONDS * (number - 1) / PUBLICATIONS:
                time.sleep(0.02)
        took = time.monotonic() - started
    finally:
        stop.set()
        found = [answers.get(timeout=PATIENCE) for _ in readers]
        for reader in readers:
            reader.join()
    total = sum(count for _, count, _ in found)
    print(
        f"\n{READERS} readers, {PUBLICATIONS} publications, {len(pruned)} pruned, {took:.0f} s: {total} looks, "
        f"errors: {[error for error, _, _ in found if error]}, "
        f"releases seen by each reader: {[len(seen) for _, _, seen in found]}"
    )
    assert [error for error, _, _ in found if error] == []
    # every reader has looked at each release that was current, as the publisher waited for that
    last = PUBLICATIONS + 1
    assert all(seen[-1] == last and set(range(1, last)) & set(seen) for _, _, seen in found)
    assert pruned == [f"r{number}" for number in range(1, last - 1)]
    assert [release.number for release in list_releases(home.releases)] == [last, last - 1]
    assert verify_home(home).findings == ()
