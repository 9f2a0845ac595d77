"""One fault in a source, the night after the first; `make faults` tries all of them, after twenty nights."""

from random import Random

import pytest

from pipelines.demo.calendar import AS_OF
from tests.faults.sources.catalogue import CATALOGUE, Night
from tests.support import copy_of_company, current, rapport

pytestmark = pytest.mark.xdist_group("source_faults")


def test_forged_amounts_are_stopped_and_readers_keep_what_they_had(small_company, tmp_path):
    config = copy_of_company(small_company, tmp_path)
    before = current(tmp_path / "home")
    (forged,) = [fault for fault in CATALOGUE if fault.name == "amounts x 100"]
    forged.inject(Night(tmp_path / "demo" / "source", (), 0.05, AS_OF), Random(1))  # noqa: S311
    done = rapport("run", "--config", config, "--as-of", "2026-01-02")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "audit.drift.nothing_is_unusual" in done.stderr
    assert current(tmp_path / "home") == before
