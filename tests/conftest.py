"""Releases that several tests read: each is made once per session."""

import fcntl
import os
from pathlib import Path

import pytest
from _pytest.nodeid import NodeId

from tests.support import OLIST, SAMPLES, demo_config, rapport, samples_config


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep groups together: pytest 9.2 does not read any more what xdist 3.8 appends to the name of a grouped test.

    Without it every test went to whichever worker was free, and both made the same releases.
    """
    for item in items:
        named = getattr(item, "_nodeid", None)
        if named is not None:
            item._id = NodeId.parse(named)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the whole demo company, published."""
    folder = tmp_path_factory.mktemp("demo_company")
    done = rapport("run", "--config", demo_config(folder, scale=1.0))
    assert done.returncode == 0, done.stderr
    return folder / "home"


@pytest.fixture(scope="session")
def olist_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the Olist data set, published with the example configuration."""
    if not OLIST.is_dir():
        pytest.skip("the Olist data set is not here")
    home = tmp_path_factory.mktemp("olist") / "home"
    done = rapport("run", "--config", "examples/olist/rapport.yml", "--home", home, OLIST_DIR=str(OLIST))
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="session")
def samples_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of one release of the samples of all other systems."""
    if not SAMPLES.is_dir():
        pytest.skip("the samples of other systems are not here")
    folder = tmp_path_factory.mktemp("samples")
    done = rapport("run", "--config", samples_config(folder))
    assert done.returncode == 0, done.stderr
    return folder / "home"


@pytest.fixture(scope="session")
def small_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small demo company with one release, made once for all workers: copy it, do not change it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    company, made = folder / "small_company", folder / "small_company.made"
    with (folder / "small_company.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            company.mkdir()
            done = rapport("run", "--config", demo_config(company, scale=0.05), RAPPORT_USER="night")
            assert done.returncode == 0, done.stderr
            made.touch()
    return company
