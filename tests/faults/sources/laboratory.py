"""Runs faults against a company with a history of published nights, and says what became of each."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from pipelines.demo.calendar import BERLIN
from pipelines.demo.write import generate
from tests.faults.sources.catalogue import Fault, Night
from tests.support import ask, configured, current, rapport, remove, restored, start_parsed

LAST = datetime(2025, 12, 10, tzinfo=BERLIN)
# the sources are read some hours after the midnight up to which the reports are made
_READ_AFTER = timedelta(hours=3, minutes=20)
_RIGHT = {
    "stopped": {"stopped"},
    "quarantined": {"stopped", "quarantined"},
    "plausible": {"stopped", "quarantined", "published"},
}


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: stopped (with the reason), quarantined exactly, or published (with what was noticed).

    A run that broke without saying what is wrong with the source is none of these.
    """

    fault: Fault
    seed: int
    did: str
    became: str
    because: str

    @property
    def is_right(self) -> bool:
        """Whether nothing wrong was published, or nobody could have told."""
        return self.became in _RIGHT[self.fault.expects]


class Laboratory:
    """A company in `folder` that has published its nights, and whose next night goes wrong in many ways."""

    def __init__(self, folder: Path, scale: float) -> None:
        """Prepare a company, with the nights that are in `folder` already; a new one has none."""
        self._folder, self._scale = folder, scale
        folder.mkdir(parents=True, exist_ok=True)
        self._config = configured(folder)

    def publish_nights(self, nights: int) -> Iterator[str]:
        """Publish the `nights` before the last, each with the data of a day more; yield what was said against each."""
        start_parsed(self._home)
        for night in range(nights, 0, -1):
            at = LAST - timedelta(days=night)
            self._deliver(at)
            shutil.copytree(self._source, self._folder / f"night_{night:03}")
            done = self._run(at)
            yield "" if done.returncode == 0 else self._reason(done.stderr)
        shutil.copytree(self._home, self._published, symlinks=True)

    def copied(self, folder: Path) -> "Laboratory":
        """Return a laboratory in `folder`, replacing what is there, with the same history, to work beside this one."""
        remove(folder)
        shutil.copytree(self._folder, folder, symlinks=True)
        return Laboratory(folder, self._scale)

    def try_out(self, fault: Fault, seed: int) -> Outcome:
        """Return what became of `fault`, made in the way that `seed` chooses."""
        with self._night() as night:
            did, expected = fault.inject(night, Random(f"{fault.name}/{seed}"))  # noqa: S311
            known = self._quarantined()
            before = current(self._home)
            done = self._run(LAST)
            if done.returncode != 0:
                assert current(self._home) == before, "the release that readers see has changed"
                said = done.returncode in (3, 4)
                return Outcome(fault, seed, did, "stopped" if said else "broken", self._reason(done.stderr))
            found = {row: lacks for row, lacks in self._quarantined().items() if row not in known}
            keys = {key for _, key in expected}
            following = {row for row, lacks in found.items() if lacks in keys}
            if expected and found.keys() - following == expected:
                also = f", {len(following)} that name one of them" if following else ""
                return Outcome(fault, seed, did, "quarantined", f"{len(expected)} rows{also}, and no other")
            return Outcome(fault, seed, did, "published", self._noticed())

    @property
    def _home(self) -> Path:
        return self._folder / "home"

    @property
    def _source(self) -> Path:
        return self._folder / "demo" / "source"

    @property
    def _published(self) -> Path:
        return self._folder / "published"

    @contextmanager
    def _night(self) -> Iterator[Night]:
        restored(self._home, self._published)
        self._deliver(LAST)
        earlier = sorted(self._folder.glob("night_*"), reverse=True)
        yield Night(self._source, tuple(earlier), self._scale, LAST + _READ_AFTER)

    def _deliver(self, midnight: datetime) -> None:
        shutil.rmtree(self._folder / "demo", ignore_errors=True)
        generate(self._folder / "demo", scale=self._scale, at=midnight + _READ_AFTER)

    def _run(self, at: datetime):
        return rapport("run", "--config", self._config, "--as-of", at.isoformat())

    def _reason(self, text: str) -> str:
        """The first check that failed, else the first line; without the laboratory's own folder."""
        lines = [line.strip() for line in text.replace(f"{self._folder}/", "").splitlines() if line.strip()]
        told = [line for line in lines if re.match(r"(audit|marts|core|meta)\.\w+\.\w+:", line)]
        errors = [line for line in lines if not re.match(r"[\d.]+ s ", line)]
        return (told or errors or lines or ["no reason was given"])[0][:160]

    def _quarantined(self) -> dict[tuple[str, str], str | None]:
        """Every row in quarantine, with the key of what it names and is not there, if that is the reason."""
        rows = ask(
            self._home,
            "select entity, raw_row, case when reason_code = 'unknown_reference' then value end from audit.quarantine",
        )
        return {(entity, _key(raw)): lacks for entity, raw, lacks in rows}

    def _noticed(self) -> str:
        rows = ask(self._home, "select says from audit.drift where chance < 0.01 order by chance limit 1")
        return rows[0][0] if rows else "nothing unusual"


def _key(raw: str | None) -> str:
    found = re.search(r'"\w+_id"\s*:\s*"([^"]*)"', raw or "")
    return found.group(1) if found else ""
