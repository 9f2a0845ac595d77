"""Whether the releases on disk are what was published: every byte of them, their order, and where `current` leads."""

import hashlib
from pathlib import Path
from typing import Any

from pipelines.audit_log import Reading
from pipelines.errors import RapportError
from pipelines.findings import Finding
from pipelines.releases.catalog import read_manifest
from pipelines.releases.chain import PREVIOUS, Chain, Link, manifest_sha256
from pipelines.releases.names import CANDIDATE_PREFIX, CURRENT, DISCARDED_PREFIX, MANIFEST

_RESTORE = "Restore the release from a backup, or point readers to a sound one: rapport rollback."
_STRANGE = "Find out who put it there, and remove it."
_UNFINISHED = (CANDIDATE_PREFIX, DISCARDED_PREFIX, f".{CURRENT}-")


def check_release(folder: Path, link: Link | None) -> list[Finding]:
    """Return what in the release in `folder` is not as it was published; `link` is what the chain knows of it.

    Without a link, as for releases older than the chain, the manifest itself cannot be held against anything.
    """
    try:
        manifest = read_manifest(folder)
    except RapportError as error:
        place, _, wrong = str(error).partition(": ")
        return [Finding(Path(place), wrong, "")]
    findings = []
    if link is not None and manifest_sha256(folder) != link.manifest_sha256[-1]:
        findings.append(Finding(folder / MANIFEST, "was changed after it was published.", _RESTORE))
    return findings + _check_files(folder, manifest)


def check_releases(releases: Path, chain: Chain, log: Reading | None) -> tuple[list[Finding], list[str]]:
    """Return what is wrong with the releases in the folder `releases`, and notes on what could not be held against it.

    `chain` and `log` are those of the same audit log; without a log each release is only held against its manifest.
    """
    entries = sorted(releases.iterdir()) if releases.is_dir() else []
    folders = [path for path in entries if path.is_dir() and not path.is_symlink() and path.name[0] != "."]
    findings = [
        Finding(path, "is no release.", _STRANGE)
        for path in entries
        if path not in folders and path.name != CURRENT and not path.name.startswith(_UNFINISHED)
    ]
    links = {link.release_id: link for link in chain.links.values()}
    older = []
    for folder in folders:
        link = links.get(folder.name)
        findings += check_release(folder, link)
        try:
            manifest = read_manifest(folder)
        except RapportError:
            continue
        if log is None:
            continue
        if link is None and (PREVIOUS in manifest or _is_within(manifest["number"], chain)):
            advice = "If a run was killed, the next one records it; otherwise remove it: nobody published it."
            findings.append(Finding(folder, "is not in the audit log.", advice))
        elif link is None:
            older.append(folder.name)
        findings += _check_manifest(folder, manifest, chain, log)
    findings += _check_chain(releases, chain, {folder.name for folder in folders})
    findings += _check_current(releases, chain)
    notes = [f"Older than the chain, and held against their own manifests only: {', '.join(older)}."] if older else []
    return findings, notes


def _check_files(folder: Path, manifest: dict[str, Any]) -> list[Finding]:
    expected = manifest.get("files")
    if not isinstance(expected, dict):
        return [Finding(folder / MANIFEST, "does not name the files of the release.", _RESTORE)]
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    parents = {parent.as_posix() for name in expected for parent in Path(name).parents}
    findings = []
    for name, path in found.items():
        if path.is_dir() and not path.is_symlink() and name in parents:
            continue
        if name == MANIFEST and not path.is_symlink():
            continue
        if name not in expected or path.is_symlink() or not path.is_file():
            findings.append(Finding(path, "was added after the release was published.", _STRANGE))
        else:
            findings += _check_file(path, expected[name])
    missing = sorted(expected.keys() - found.keys())
    return findings + [Finding(folder / name, "is missing.", _RESTORE) for name in missing]


def _check_file(path: Path, sha256: str) -> list[Finding]:
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return [Finding(path, f"cannot be read: {error.strerror}.", _RESTORE)]
    return [] if found == sha256 else [Finding(path, "was changed after it was published.", _RESTORE)]


def _check_manifest(folder: Path, manifest: dict[str, Any], chain: Chain, log: Reading) -> list[Finding]:
    """Whether the manifest names the one before it, and a line that the log had when it was published."""
    if PREVIOUS not in manifest:
        return []
    findings = []
    number = manifest["number"]
    link, before = chain.links.get(number), chain.links.get(number - 1)
    if link and link.release_id != folder.name:
        findings.append(Finding(folder, f"has number {number}, which is that of {link.release_id}.", _STRANGE))
    if before and manifest[PREVIOUS] not in before.manifest_sha256:
        wrong = f"does not follow release {before.release_id}: {PREVIOUS} is not the hash of that one's manifest."
        findings.append(Finding(folder / MANIFEST, wrong, _RESTORE))
    if not (link and link.is_late) and not _was_there(manifest.get("log"), log):
        wrong = "names a line of the audit log which is not there or is another one."
        advice = "Lines of the log were changed or removed, and its head with them: restore both from a backup."
        findings.append(Finding(folder / MANIFEST, wrong, advice))
    return findings


def _check_chain(releases: Path, chain: Chain, folders: set[str]) -> list[Finding]:
    """Whether there are numbers that nobody published, or releases that were removed and not pruned."""
    if not chain.links:
        return []
    findings = []
    for number in range(min(chain.links), max(chain.links) + 1):
        link = chain.links.get(number)
        if link is None and not chain.links[min(later for later in chain.links if later > number)].is_late:
            findings.append(Finding(releases, f"release number {number} is not in the audit log.", _RESTORE))
        elif link and not link.is_pruned and link.release_id not in folders:
            wrong = f"is missing: release number {number} was published and never pruned."
            findings.append(Finding(releases / link.release_id, wrong, _RESTORE))
    return findings


def _check_current(releases: Path, chain: Chain) -> list[Finding]:
    link = releases / CURRENT
    if not link.is_symlink():
        if link.exists():
            return [Finding(link, "is not a link.", "Move it away, and publish again: rapport run --rebuild.")]
        wrong = f"is missing: it should lead to {chain.current}."
        return [Finding(link, wrong, f"Run: rapport rollback {chain.current}.")] if chain.current else []
    target, folder = link.readlink(), link.resolve()
    if target != Path(folder.name) or folder.parent != releases.resolve() or not (folder / MANIFEST).is_file():
        wrong = f"leads to {target}, which is no release in {releases}."
        return [Finding(link, wrong, "Run: rapport rollback, with the release that readers should see.")]
    if chain.current and folder.name != chain.current:
        wrong = f"leads to {folder.name}; the audit log says {chain.current}."
        advice = "If a run was killed, run again; otherwise somebody moved the link: rapport rollback sets it."
        return [Finding(link, wrong, advice)]
    return []


def _was_there(told: Any, log: Reading) -> bool:
    """Whether the log still has the line that was its last when a release was published; the first has none."""
    if told is None:
        return True
    return (
        isinstance(told, dict)
        and isinstance(told.get("entries"), int)
        and log.hashes[told["entries"] - 1 : told["entries"]] == (told.get("sha256"),)
    )


def _is_within(number: int, chain: Chain) -> bool:
    return bool(chain.links) and number >= min(chain.links)
