"""Runs faults against a company with a history of published nights, and says what became of each."""

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from pipelines.demo.calendar import BERLIN
from pipelines.demo.write import generate
from tests.faults.sources.catalogue import Fault, Night
from tests.support import DEMO, ask, current, rapport, restored, start_parsed

LAST = datetime(2025, 12, 10, tzinfo=BERLIN)


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: stopped (with the reason), quarantined exactly, or published (with what was noticed)."""

    fault: Fault
    seed: int
    did: str
    became: str
    because: str

    @property
    def is_right(self) -> bool:
        """Whether nothing wrong was published."""
        return self.fault.expects == "plausible" or self.became == "stopped" or self.became == self.fault.expects


class Laboratory:
    """A company that has published `nights` nights, and whose next night goes wrong in one way after the other."""

    def __init__(self, folder: Path, scale: float, nights: int) -> None:
        """Publish the nights; this takes as many runs."""
        self._folder, self._scale = folder, scale
        self._earlier = []
        self._config = folder / "rapport.yml"
        self._config.write_text(DEMO.format(home=folder / "home", source=folder / "demo" / "source"))
        start_parsed(folder / "home")
        for night in range(nights, 0, -1):
            at = LAST - timedelta(days=night)
            self._deliver(at)
            kept = folder / f"night_{night}"
            shutil.copytree(folder / "demo" / "source", kept)
            self._earlier.append(kept)
            done = self._run(at)
            assert done.returncode == 0, done.stdout + done.stderr
        shutil.copytree(folder / "home", folder / "published", symlinks=True)

    def try_out(self, fault: Fault, seed: int) -> Outcome:
        """Return what became of `fault`, made in the way that `seed` chooses."""
        with self._night() as night:
            did, expected = fault.inject(night, Random(f"{fault.name}/{seed}"))  # noqa: S311
            known = self._quarantined()
            before = current(self._home)
            done = self._run(LAST)
            if done.returncode in (3, 4):
                assert current(self._home) == before, "the release that readers see has changed"
                return Outcome(fault, seed, did, "stopped", _reason(done.stderr))
            if done.returncode != 0:
                return Outcome(fault, seed, did, "broken", _reason(done.stderr))
            found = self._quarantined() - known
            if expected and found == expected:
                return Outcome(fault, seed, did, "quarantined", f"{len(found)} rows, and no other")
            return Outcome(fault, seed, did, "published", self._noticed())

    def clean_night(self) -> str:
        """Return what was said against a night in which nothing is wrong; empty if it was published."""
        with self._night():
            done = self._run(LAST)
            return "" if done.returncode == 0 else _reason(done.stderr)

    @property
    def _home(self) -> Path:
        return self._folder / "home"

    @contextmanager
    def _night(self) -> Iterator[Night]:
        restored(self._home, self._folder / "published")
        self._deliver(LAST)
        yield Night(self._folder / "demo" / "source", tuple(self._earlier), self._scale, LAST)

    def _deliver(self, at: datetime) -> None:
        shutil.rmtree(self._folder / "demo", ignore_errors=True)
        generate(self._folder / "demo", scale=self._scale, at=at)

    def _run(self, at: datetime):
        return rapport("run", "--config", self._config, "--as-of", at.isoformat())

    def _quarantined(self) -> set[tuple[str, str]]:
        rows = ask(self._home, 'select entity, source, "table", batch, row_number, raw_row from audit.quarantine')
        return {(entity, _key(raw)) for entity, *_, raw in rows}

    def _noticed(self) -> str:
        rows = ask(self._home, "select says from audit.drift where chance < 0.01 order by chance limit 1")
        return rows[0][0] if rows else "nothing unusual"


def _key(raw: str | None) -> str:
    found = re.search(r'"\w+_id"\s*:\s*"([^"]*)"', raw or "")
    return found.group(1) if found else ""


def _reason(text: str) -> str:
    """The first check that failed, else the first line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"(audit|marts|core|meta)\.\w+\.\w+:", line)]
    errors = [line for line in lines if not re.match(r"[\d.]+ s ", line)]
    return (told or errors or lines or ["no reason was given"])[0][:160]


def table(outcomes: Iterable[Outcome]) -> str:
    """Return the outcomes as a table in Markdown: how many of how many per kind, and each by itself."""
    outcomes = list(outcomes)
    lines = ["| fault | tried | stopped | quarantined exactly | published | must be |", "|---|---|---|---|---|---|"]
    for name in dict.fromkeys(outcome.fault.name for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.fault.name == name]
        counts = [sum(o.became == became for o in own) for became in ("stopped", "quarantined", "published")]
        lines.append(f"| {name} | {len(own)} | {' | '.join(map(str, counts))} | {own[0].fault.expects} |")
    lines += ["", "| fault | seed | what was done | became | because |", "|---|---|---|---|---|"]
    lines += [f"| {o.fault.name} | {o.seed} | {o.did} | {o.became} | {o.because} |" for o in outcomes]
    return "\n".join(lines)
