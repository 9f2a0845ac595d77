"""Every fault can be made in many ways, and each of them changes what is delivered."""

import shutil
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from pipelines.demo.write import generate
from tests.faults.sources.catalogue import CATALOGUE, Fault, Night
from tests.faults.sources.laboratory import LAST

SEEDS = range(8)
SCALE = 0.05


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> tuple[Path, Path]:
    """The files of a night, and those of a night three weeks before."""
    folder = tmp_path_factory.mktemp("nights")
    for name, at in [("tonight", LAST), ("before", LAST - timedelta(days=21))]:
        generate(folder / name, scale=SCALE, at=at)
    return folder / "tonight" / "source", folder / "before" / "source"


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_every_way_of_a_fault_changes_the_delivery(nights, tmp_path, fault: Fault):
    tonight, before = nights
    for seed in SEEDS:
        source = tmp_path / str(seed) / "source"
        shutil.copytree(tonight, source)
        did, quarantined = fault.inject(Night(source, (before,), SCALE, LAST), Random(f"{fault.name}/{seed}"))  # noqa: S311
        assert did
        assert content(source) != content(tonight), did
        assert bool(quarantined) == (fault.expects == "quarantined"), did
