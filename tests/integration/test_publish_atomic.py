"""Whenever the publishing process dies, readers see one whole release, and the next publication succeeds."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from pipelines.paths import PROJECT
from pipelines.releases.catalog import current_release, list_releases

KILLS = 11
KEEP = 6

# Publishes the releases FIRST .. LAST, each with its number in two tables; dies at the event KILL_AT (0: never). An event
# is a call that changes what is on the disk, or opens a database. Prints the events of each publication on a line.
WRITER = """
import os, shutil, signal, sys
from pathlib import Path

import duckdb

from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Check, Verdict
from pipelines.releases.candidate import build_candidate, export_parquet
from pipelines.releases.publish import publish

home, first, last, keep, kill_at = Path(sys.argv[1]), *map(int, sys.argv[2:])
events = []


def watch(module, name):
    original = getattr(module, name)

    def watched(*args, **kwargs):
        events.append(name)
        if len(events) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **kwargs)

    setattr(module, name, watched)


for name in ("rename", "replace", "symlink", "unlink", "chmod", "fsync", "mkdir", "rmdir"):
    watch(os, name)
watch(shutil, "rmtree")
watch(duckdb, "connect")

verdict = Verdict((Check("marts.a.sound", "marts.a", "It is so.", True, True),))
for number in range(first, last + 1):
    warehouse = home / "warehouse.duckdb"
    warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(warehouse)) as connection:
        for table in ("a", "b"):
            connection.execute("create schema if not exists marts")
            connection.execute(f"create table marts.{table} as select {number} as n from range(1000)")
    candidate = build_candidate(warehouse, home / "releases", f"r{number}")
    store_verdict(candidate / "marts.duckdb", verdict)
    export_parquet(candidate)
    publish(candidate, home / "releases", {"release_id": f"r{number}", "number": number}, keep)
    print(" ".join(events))
    if not kill_at:
        events.clear()
"""


class Reader(threading.Thread):
    """Reads through `current` all the time, as a BI tool would; keeps what it saw and what went wrong."""

    def __init__(self, releases: Path):
        super().__init__()
        self.releases, self.seen, self.wrong, self.stop = releases, [], [], threading.Event()

    def run(self):
        while not self.stop.wait(0.005):  # leaves the writer some of the processor
            try:
                self.seen.append(read(self.releases))
            except Exception as error:
                self.wrong.append(repr(error))


def read(releases: Path) -> int:
    """The number of the current release, after making sure that all of it says the same."""
    folder = (releases / "current").resolve(strict=True)
    found = {json.loads((folder / "manifest.json").read_text())["number"]}
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True, config={"threads": 1}) as connection:
        for source in ("marts.marts.a", "marts.marts.b", f"'{folder}/parquet/marts/a.parquet'"):
            rows = connection.execute(f"select n, count(*) from {source} group by n").fetchall()
            assert [count for _, count in rows] == [1000], rows
            found.add(rows[0][0])
    assert len(found) == 1, found
    return found.pop()


def write(home: Path, first: int, last: int, keep: int = KEEP, kill_at: int = 0) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", WRITER, str(home), *map(str, (first, last, keep, kill_at))]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)


def events_of_last(finished: subprocess.CompletedProcess) -> list[str]:
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()[-1].split()


def moments(events: list[str]) -> list[int]:
    """Where to kill: before and after each step that readers could notice, and at seeded places in between."""
    steps = [place for place, name in enumerate(events, 1) if name in ("rename", "replace")]
    decisive = {moment for step in steps for moment in (step, step + 1)}
    others = sorted(set(range(1, len(events) + 1)) - decisive)
    return sorted(decisive) + random.Random(20240131).sample(others, KILLS - len(decisive))  # noqa: S311 - no secret


@pytest.mark.slow
def test_readers_see_whole_releases_whenever_the_publisher_is_killed(tmp_path):
    releases = tmp_path / "releases"
    events = events_of_last(write(tmp_path, 1, 2))
    assert {"rename", "replace", "symlink", "fsync", "chmod"} <= set(events)
    reader = Reader(releases)
    reader.start()
    try:
        for moment in moments(events):
            number = current_release(releases).number + 1
            killed = write(tmp_path, number, number, kill_at=moment)
            assert killed.returncode == -signal.SIGKILL, killed.stderr
            assert read(releases) in (number - 1, number)
        number = current_release(releases).number + 1
        assert write(tmp_path, number, number + KEEP).returncode == 0
    finally:
        reader.stop.set()
        reader.join()
    assert reader.wrong == []
    assert reader.seen == sorted(reader.seen)
    assert len(set(reader.seen)) > 4
    assert read(releases) == number + KEEP
    assert [found.number for found in list_releases(releases)] == list(range(number + KEEP, number, -1))
    assert not list(releases.glob(".*"))


@pytest.mark.slow
def test_a_release_half_removed_is_no_release(tmp_path):
    releases = tmp_path / "releases"
    events = events_of_last(write(tmp_path, 1, 3, keep=1))
    pruning = [place for place, name in enumerate(events, 1) if name in ("rename", "replace", "rmtree", "rmdir")][-4:]
    assert [events[place - 1] for place in pruning[:2]] == ["replace", "rmtree"] or "rename" in events[pruning[0] :]
    for number, moment in enumerate(pruning, 4):
        assert write(tmp_path, number, number, keep=1, kill_at=moment).returncode == -signal.SIGKILL
        assert {found.number for found in list_releases(releases)} <= {number - 1, number}
    assert write(tmp_path, 9, 9, keep=1).returncode == 0
    assert [found.number for found in list_releases(releases)] == [9]
    assert not list(releases.glob(".*"))
