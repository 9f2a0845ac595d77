"""Verification of a whole home: its releases, its landing and its audit log."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.audit_log import Head, Reading, read_log, record
from pipelines.errors import RapportError
from pipelines.findings import Finding
from pipelines.landing.recorded import check_landing, recorded_batches
from pipelines.paths import Home
from pipelines.refresh.lock import only_run
from pipelines.releases.chain import PREVIOUS, chain_of, readable_releases
from pipelines.releases.verify import check_releases


@dataclass(frozen=True)
class Verification:
    """What was looked at, and what was found. `head` is where the audit log ended when it was read."""

    releases: int
    batches: int
    head: Head | None
    findings: tuple[str, ...]
    notes: tuple[str, ...]


def verify_home(home: Home, known: str | None = None) -> Verification:
    """Return what in `home` is not as it was recorded: each file of each release, each landed batch, each line.

    `known` is the sha256 of a line of the log that somebody wrote down: it has to be there still. The verification is
    recorded as well, unless the log is broken. Raises RapportError where a run was at work meanwhile, because what was
    found may be what it had not finished yet.
    """
    log = read_log(home.audit_log)
    chain, batches = chain_of(log.entries), recorded_batches(log.entries)
    findings, notes = check_releases(home.releases, chain, log)
    in_landing, count = check_landing(home.landing, batches)
    found = [
        *log.problems,
        *map(str, [*findings, *_check_begin(home, log), *in_landing, *_check_known(home, log, known)]),
    ]
    if found:
        _check_idle(home, log, found)
    if count and not batches:
        notes.append(f"{count} batches are older than the audit log; the next run records them.")
    if notes and not chain.links:
        notes.append("The chain begins with the next release; what is older was held against its own manifest.")
    _record(home.audit_log, found)
    return Verification(len(readable_releases(home.releases)), count, log.head, tuple(found), tuple(notes))


def _check_begin(home: Home, log: Reading) -> list[Finding]:
    """Whether the whole log is gone: then no line of it can miss the others."""
    chained = any(PREVIOUS in release.manifest for release in readable_releases(home.releases))
    if log.entries or not chained:
        return []
    return [Finding(home.audit_log, "is missing, and releases were published since it began.", "Restore it.")]


def _check_known(home: Home, log: Reading, known: str | None) -> list[Finding]:
    if known is None or known.lower() in log.hashes:
        return []
    wrong = f"has no line with the hash {known}."
    return [Finding(home.audit_log, wrong, "The log was written anew since that hash was noted: restore it.")]


def _check_idle(home: Home, log: Reading, found: list[str]) -> None:
    """Raise RapportError where a run is at work, or has recorded something since `log` was read."""
    again = "A run was at work during the verification; what was found may be its unfinished work. Verify again.\n"
    if read_log(home.audit_log).hashes != log.hashes:
        raise RapportError(again + "\n".join(found))
    if home.lock.exists():
        try:
            with only_run(home.lock):
                pass
        except RapportError:
            raise RapportError(again + "\n".join(found)) from None


def _record(log: Path, found: list[str]) -> None:
    try:
        record(log, "verify", outcome="found" if found else "sound", findings=len(found))
    except RapportError:
        # Nothing can be added to a broken log, which is among the findings; and an auditor may only read.
        return
