"""Runs that are killed: whatever the moment, readers see a whole release and the next run succeeds.

RAPPORT_KILLS sets how many moments are tried (1 by default; `make test-kills` tries all).
"""

import json
import os
import signal
import subprocess
import sys
from multiprocessing import Event, Process, Queue
from pathlib import Path

import pytest

from pipelines.paths import PROJECT
from pipelines.releases.digest import database_facts
from tests.support import command_environment, copy_of_company, rapport

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("kills")]

# A run is killed as soon as it has said this; what follows is what it was about to do.
MOMENTS = [
    "judging candidate",
    "demo.order: reading",
    "exporting and verifying",
    "demo.order: landed",
    "20 models and tests done",
    "40 models and tests done",
    "expectations, 0 failed",
    "reading the configuration",
    "demo.account: unchanged",
    "60 models and tests done",
    "120 models and tests done",
    "is current",
]


def read_in_a_loop(releases: Path, stop, started, answers: Queue) -> None:
    """Open `current` again and again; check that database and manifest belong together; report what was seen."""
    seen, looks = set(), 0
    try:
        while not stop.wait(1):  # so that the reader leaves the runs most of the machine
            folder = (releases / "current").resolve()
            manifest = json.loads((folder / "manifest.json").read_text())
            facts = database_facts(folder / "marts.duckdb")
            assert {n: f.digest for n, f in facts.items()} == {n: t["digest"] for n, t in manifest["tables"].items()}
            seen.add(manifest["release_id"])
            looks += 1
            started.set()
        answers.put((None, looks, sorted(seen)))
    except BaseException as error:  # the test wants to know whatever it was
        answers.put((repr(error), looks, sorted(seen)))


def run_until(moment: str, config: Path, as_of: str) -> bool:
    """Start a run and kill it when it says `moment`; return whether it was killed."""
    command = [sys.executable, "-m", "pipelines.cli", "run", "--config", str(config), "--as-of", as_of]
    process = subprocess.Popen(
        command, cwd=PROJECT, env=command_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        if moment in line:
            process.send_signal(signal.SIGKILL)
            break
    process.stderr.close()
    return process.wait() == -signal.SIGKILL


def test_readers_never_notice_a_killed_run_and_the_next_run_succeeds(small_company, tmp_path):
    config = copy_of_company(small_company, tmp_path)
    releases = tmp_path / "home" / "releases"
    source = tmp_path / "demo" / "source" / "order.csv"
    stop, started, answers = Event(), Event(), Queue()
    reader = Process(target=read_in_a_loop, args=(releases, stop, started, answers))
    reader.start()
    started.wait(60)
    moments = MOMENTS[: int(os.environ.get("RAPPORT_KILLS", "1"))]
    for number, moment in enumerate(moments):
        # a changed source, so that a killed run had something to land
        source.write_text(source.read_text().rstrip("\n") + "\n" + " " * number + "\n")
        assert run_until(moment, config, f"2026-01-{number + 2:02d}"), f"the run never said {moment!r}"
    last = rapport("run", "--config", config, "--as-of", "2026-02-01")
    stop.set()
    error, looks, seen = answers.get(timeout=60)
    reader.join()
    assert last.returncode == 0, last.stderr
    assert "Published release" in last.stdout
    assert error is None
    assert looks > len(moments)
    assert seen[0].startswith("20251231T230000Z")
    assert not [entry for entry in releases.iterdir() if entry.name.startswith(".")]
