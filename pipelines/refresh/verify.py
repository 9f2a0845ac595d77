"""Verification of a whole home: its releases, its landing and its audit log."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.audit_log import Head, Reading, read_log, record, restart
from pipelines.errors import RapportError
from pipelines.findings import Finding
from pipelines.landing.recorded import check_landing, record_landed, recorded_batches
from pipelines.paths import Home
from pipelines.refresh.lock import only_run
from pipelines.releases.chain import PREVIOUS, adopt, chain_of, readable_releases
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
    # A log that somebody changed is no measure: then files are held against their own manifests.
    entries = () if log.problems else log.entries
    chain, batches = chain_of(entries), recorded_batches(entries)
    findings, notes = check_releases(home.releases, chain, None if log.problems else log)
    in_landing, count = check_landing(home.landing, batches)
    findings += [*in_landing, *_check_log(home, log, known)]
    found = (*log.problems, *map(str, findings))
    if found:
        _check_idle(home, log, found)
    _record(home.audit_log, found)
    if log.problems:
        notes = ["The audit log is broken, so everything else was held against its own manifests only."]
    elif count and not batches:
        notes.append(f"{count} batches are older than the audit log; the next run records them.")
    return Verification(len(readable_releases(home.releases)), count, log.head, found, tuple(notes))


def restart_log(home: Home, why: str) -> Path:
    """Set the broken or lost audit log of `home` aside, and begin a new one with what is there now.

    Return where the old one is. Raises RapportError where the log is sound, or while a run is at work.
    """
    with only_run(home.lock):
        aside = restart(home.audit_log, why)
        adopt(home.releases)
        record_landed(home.audit_log, home.landing)
    return aside


def _check_log(home: Home, log: Reading, known: str | None) -> list[Finding]:
    """Whether the whole log is gone, whether it has the line `known`, and whether its last one is finished."""
    findings = []
    chained = any(PREVIOUS in release.manifest for release in readable_releases(home.releases))
    if chained and not log.hashes and not log.problems:
        wrong = "is missing or empty, and releases were published since it began."
        findings.append(Finding(home.audit_log, wrong, "Restore it and its head from a backup."))
    if known is not None and known.lower() not in log.hashes:
        wrong = f"has no line with the hash {known}."
        findings.append(Finding(home.audit_log, wrong, "It was written anew since that hash was noted: restore it."))
    if log.is_torn:
        advice = "If the machine lost power, the next run repairs it; otherwise restore the log from a backup."
        findings.append(Finding(home.audit_log, "ends in the middle of a line.", advice))
    return findings


def _check_idle(home: Home, log: Reading, found: tuple[str, ...]) -> None:
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


def _record(log: Path, found: tuple[str, ...]) -> None:
    try:
        record(log, "verify", outcome="found" if found else "sound", findings=len(found))
    except RapportError:
        # Nothing can be added to a broken log, which is among the findings; and an auditor may only read.
        return
