"""Whenever the publishing process dies, readers see one whole release, and the next publication succeeds."""

import json
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb

from pipelines.paths import PROJECT, Home
from pipelines.refresh.verify import verify_home
from pipelines.releases.catalog import current_release, list_releases

KILLS = 11
KEEP = 6

# Publishes the releases FIRST .. LAST, each with its number in two tables; dies at the event KILL_AT of the first one
# (0: never). An event is a call that changes what is on the disk, or opens a database. Leftovers are removed before
# events are counted, so that they do not depend on how the last process died. Prints the events of the last release.
WRITER = """
import os, shutil, signal, sys, tempfile
from pathlib import Path

import duckdb

from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Check, Verdict
from pipelines.releases.candidate import build_candidate, export_parquet, remove_leftovers
from pipelines.releases.publish import publish

home, first, last, keep, kill_at = Path(sys.argv[1]), *map(int, sys.argv[2:])
events = []
tempfile.gettempdir()  # found by writing and removing a file, once in a process


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
    (home / "releases").mkdir(exist_ok=True)
    remove_leftovers(home / "releases")
    warehouse = home / "warehouse.duckdb"
    warehouse.unlink(missing_ok=True)
    events.clear()
    with duckdb.connect(str(warehouse)) as connection:
        for table in ("a", "b"):
            connection.execute("create schema if not exists marts")
            connection.execute(f"create table marts.{table} as select {number} as n from range(1000)")
    candidate = build_candidate(warehouse, home / "releases", f"r{number}")
    store_verdict(candidate / "marts.duckdb", verdict)
    export_parquet(candidate)
    publish(candidate, home / "releases", {"release_id": f"r{number}", "number": number}, keep)
print(" ".join(events))
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
    return finished.stdout.split()


def moments(events: list[str]) -> list[int]:
    """Where to kill: after and before each step that readers could notice, then at seeded places in between."""
    steps = [place for place, name in enumerate(events, 1) if name in ("rename", "replace")]
    decisive = {moment for step in steps for moment in (step, step + 1)}
    others = sorted(set(range(1, len(events) + 1)) - decisive)
    # The last first: those that die between the two steps leave releases that the final run finds in its way.
    return sorted(decisive, reverse=True) + random.Random(31).sample(others, KILLS - len(decisive))  # noqa: S311


def switch(events: list[str]) -> int:
    """The place of the step that makes a release the current one."""
    return events.index("replace", events.index("symlink"))


def test_readers_see_whole_releases_whenever_the_publisher_is_killed(tmp_path):
    releases = tmp_path / "releases"
    events = events_of_last(write(tmp_path, 1, 2))
    steps = [name for name in events if name in ("rename", "symlink", "replace")]
    assert steps == ["rename", "replace", "symlink", "replace"], "into its place, into the log, current"
    reader = Reader(releases)
    reader.start()
    try:
        for moment in moments(events):
            before, number = current_release(releases).number, list_releases(releases)[0].number + 1
            killed = write(tmp_path, number, number, kill_at=moment)
            assert killed.returncode == -signal.SIGKILL, killed.stderr
            assert read(releases) == (number if moment > switch(events) + 1 else before)
        first = current_release(releases).number + 1
        assert list_releases(releases)[0].number > first, "a whole release that never became the current one"
        assert write(tmp_path, first, first + KEEP).returncode == 0
    finally:
        reader.stop.set()
        reader.join()
    assert reader.wrong == []
    assert reader.seen == sorted(reader.seen)
    assert len(set(reader.seen)) > 4
    assert read(releases) == first + KEEP
    assert [found.number for found in list_releases(releases)] == list(range(first + KEEP, first, -1))
    assert not list(releases.glob(".*"))
    assert verify_home(Home(tmp_path)).findings == ()


def test_a_release_half_removed_is_no_release(tmp_path):
    start = tmp_path / "start"
    start.mkdir()
    assert write(start, 1, 2).returncode == 0
    measured = shutil.copytree(start, tmp_path / "measured", symlinks=True)
    events = events_of_last(write(measured, 3, 3, keep=1))
    renamed = len(events) - events[::-1].index("rename")
    assert renamed > switch(events) + 1, "the old release is renamed after the new one became current"
    for moment in (renamed, renamed + 1, renamed + 3, len(events)):
        home = shutil.copytree(start, tmp_path / str(moment), symlinks=True)
        assert write(home, 3, 3, keep=1, kill_at=moment).returncode == -signal.SIGKILL
        there = [found.number for found in list_releases(home / "releases")]
        assert there == ([3, 2, 1] if moment == renamed else [3, 2])
        assert write(home, 4, 4, keep=1).returncode == 0
        assert [found.number for found in list_releases(home / "releases")] == [4, 3]
        assert verify_home(Home(home)).findings == ()
        assert not list((home / "releases").glob(".*"))
