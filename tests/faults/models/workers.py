"""Several laboratories at work."""

import json
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

from tests.faults.models.catalogue import Mutant
from tests.faults.models.laboratory import Laboratory, Outcome
from tests.faults.models.unit_tests import kept_unit_tests

_laboratory: Laboratory | None = None
_wrong: list[str] = []


def examined(home: Path, folder: Path, chosen: list[Mutant], jobs: int) -> Iterator[Outcome]:
    """Examine mutants in several processes; give their outcomes as they come.

    What is compiled once is kept in `folder`. Raises AssertionError where the models as they are do not pass.
    """
    built = json.loads((home / "warehouse" / "built.json").read_text(encoding="utf-8"))["fingerprint"]
    tests = folder / f"unit_tests-{built[:16]}.json"
    kept_unit_tests(home / "warehouse" / "warehouse.duckdb", tests)
    with get_context("spawn").Pool(jobs, _open, (home, tests)) as pool:
        yield from pool.imap_unordered(_examine, chosen)


def _open(home: Path, tests: Path) -> None:
    global _laboratory
    _laboratory = Laboratory(home, kept_unit_tests(home / "warehouse" / "warehouse.duckdb", tests))
    # raised here, the pool would try for ever
    _wrong.extend(_laboratory.wrong_already())


def _examine(mutant: Mutant) -> Outcome:
    assert not _wrong, f"Not even the models as they are pass: {_wrong}"
    return _laboratory.examine(mutant)
