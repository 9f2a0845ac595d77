"""Runs the variants side by side, each in a process of its own, one after the other, several times over."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import pandas_check
from benchmarks.company import NIGHTS, deliver, orders_of, write_company, write_config
from benchmarks.floor import EQUAL, differences
from benchmarks.measure import Measured, measure
from pipelines.landing.batches import list_batches
from pipelines.paths import PROJECT, Home

VARIANTS = ("run", "floor", "pandas", "postgres", "next", "next_floor")


class NotTheSameError(RuntimeError):
    """Two programs that should compute the same do not: what they took must not be compared."""


@dataclass(frozen=True)
class Company:
    """A company of one size in its folder, with its configuration."""

    folder: Path
    orders: int
    config: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def plan(self, night: int) -> Path:
        return self.folder / f"plan_{night}.json"

    def seconds(self, night: int) -> Path:
        return self.folder / f"floor_{night}_seconds.json"

    def floor(self, night: int) -> Path:
        # named as the run's own: compiled SQL names its catalog
        return self.folder / f"floor_{night}" / Home(self.home).database.name


def bench(
    folder: Path, size: str, variants: Iterable[str], found: dict[str, Any], tell: Callable[[str], None]
) -> dict[str, Any]:
    """Return `found`, what was measured at `size` before ({}: nothing yet), with one repetition more of each variant.

    pandas and PostgreSQL need the floor: their figures are compared with its tables. Raises NotTheSameError.
    """
    company = _company(folder / size, orders_of(size))
    shutil.rmtree(company.home, ignore_errors=True)
    number = 1 + max((len(runs) for runs in found.get("variants", {}).values()), default=0)
    measured, facts = dict(found.get("variants", {})), dict(found.get("facts", {}))
    for name in (name for name in VARIANTS if name in variants):
        one, said = _RUN[name](company, number == 1)
        measured[name] = [*measured.get(name, []), asdict(one)]
        facts[name] = [*facts.get(name, []), *([said] if said else [])]
        tell(f"{size}, {name}, repetition {number}: {one.total.wall:.1f} s")
    rows = sum(batch.rows for batch in list_batches(company.home / "landing") if batch.number == 1)
    return {"orders": orders_of(size), "rows": rows, "variants": measured, "facts": facts}


def _company(folder: Path, orders: int) -> Company:
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    source = write_company(folder, orders)
    return Company(folder, orders, write_config(folder / "rapport.yml", source, folder / "home", orders))


Outcome = tuple[Measured, dict[str, Any] | None]


def _rapport(company: Company, night: int) -> Measured:
    deliver(company.folder, company.orders, night)
    command = _python("pipelines.cli", "run", "--config", str(company.config), "--as-of", NIGHTS[night])
    return measure(command, company.folder / f"run_{night}.log")


def _run(company: Company, is_first: bool) -> Outcome:
    return _rapport(company, 0), None


def _next(company: Company, is_first: bool) -> Outcome:
    return _rapport(company, 1), None


def _floor(company: Company, night: int, is_first: bool) -> Outcome:
    config, plan = str(company.config), company.plan(night)
    database = company.floor(night)
    shutil.rmtree(database.parent, ignore_errors=True)
    database.parent.mkdir()
    if is_first:
        command = _python("benchmarks.floor", "plan", config, NIGHTS[night], str(plan))
        subprocess.run(command, cwd=PROJECT, check=True)
    command = _python("benchmarks.floor", "run", config, NIGHTS[night], str(plan), str(database))
    measured = measure([*command, "--seconds", str(company.seconds(night))], company.folder / f"floor_{night}.log")
    return measured, _same_tables(company, night) if is_first else None


def _same_tables(company: Company, night: int) -> dict[str, Any]:
    different = differences(company.floor(night), Home(company.home).database)
    if any(how != EQUAL for how in different.values()):
        shown = "\n".join(f"  {name}: {how}" for name, how in different.items())
        raise NotTheSameError(f"The floor does not build what the run builds:\n{shown}")
    steps = json.loads(company.plan(night).read_text(encoding="utf-8"))
    return {"nodes": len(steps), "tests": sum(step["kind"] == "test" for step in steps), "differences": different}


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _pandas(company: Company, is_first: bool) -> Outcome:
    out = company.folder / "pandas"
    measured = measure(
        _python("benchmarks.pandas_marts", str(company.folder / "source"), str(out)), company.folder / "pandas.log"
    )
    return measured, {"marts": pandas_check.compare(company.floor(0), out)} if is_first else None


def _postgres(company: Company, is_first: bool) -> Outcome:
    # its packages are in an optional group
    from benchmarks.postgres import variant

    out = company.folder / "postgres"
    variant.prepare(out, company.plan(0), company.floor(0))
    command = _python("benchmarks.postgres", str(company.config), NIGHTS[0], str(out))
    measured = measure(command, company.folder / "postgres.log")
    facts = variant.compare(out, company.plan(0), company.seconds(0), company.floor(0), measured.steps["build"].wall)
    return measured, facts


_RUN: dict[str, Callable[[Company, bool], Outcome]] = {
    "run": _run,
    "floor": lambda company, is_first: _floor(company, 0, is_first),
    "pandas": _pandas,
    "postgres": _postgres,
    "next": _next,
    "next_floor": lambda company, is_first: _floor(company, 1, is_first),
}
