"""Nights that follow on each other: what changed is followed, and the result is that of a build that begins anew."""

import re
import shutil
from datetime import datetime, timedelta

import duckdb
import pytest

from pipelines.demo.calendar import BERLIN
from pipelines.demo.write import generate
from tests.support import configured, current, rapport, start_parsed

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("incremental")]

FIRST = datetime(2025, 12, 7, tzinfo=BERLIN)
READ_AFTER = timedelta(hours=3, minutes=20)


class Company:
    """A small demo company whose nights follow on each other."""

    def __init__(self, folder) -> None:
        self.folder, self.home = folder, folder / "home"
        self.config = configured(folder)
        start_parsed(self.home)

    def night(self, number: int, *options: str):
        at = FIRST + timedelta(days=number)
        shutil.rmtree(self.folder / "demo", ignore_errors=True)
        generate(self.folder / "demo", scale=0.05, at=at + READ_AFTER)
        return rapport("run", "--config", self.config, "--as-of", at.isoformat(), *options)


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Three nights, each verified, and what was said in each."""
    company = Company(tmp_path_factory.mktemp("nights"))
    return company, [company.night(number, "--verify-incremental") for number in range(3)]


def test_three_nights_are_what_builds_from_all_batches_give(nights):
    _, done = nights
    for one in done:
        assert one.returncode == 0, one.stderr
        assert re.search(r"\d+ tables are what a build from all batches gives", one.stderr), one.stderr
    assert "everything anew: there is no complete build to follow on from" in done[0].stderr
    for later in done[1:]:
        assert "following what changed since the last build" in later.stderr


def test_a_full_build_begins_anew_and_what_differs_stops_the_night(nights):
    company, _ = nights
    full = company.night(2, "--full")
    assert full.returncode == 0, full.stderr
    assert "everything anew" in full.stderr
    release = current(company.home)
    with duckdb.connect(str(company.home / "warehouse" / "warehouse.duckdb")) as connection:
        # a row that no batch has, in a table that is kept
        connection.execute(
            "insert into intermediate.int_market_size_rows from intermediate.int_market_size_rows limit 1"
        )
    wrong = company.night(3, "--verify-incremental")
    assert wrong.returncode == 3, wrong.stdout + wrong.stderr
    assert re.search(r"intermediate\.int_market_size_rows: \d+ rows, anew \d+ rows", wrong.stderr), wrong.stderr
    assert current(company.home) == release
    healed = company.night(3)
    assert healed.returncode == 0, healed.stderr
    assert "everything anew" in healed.stderr
