"""The chain of releases, as the audit log has it: every number, its manifest's hash, and what became of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.audit_log import entries, read_log, record
from pipelines.errors import ConfigError, RapportError
from pipelines.paths import Home
from pipelines.releases.catalog import Release, read_manifest
from pipelines.releases.names import MANIFEST

PREVIOUS = "previous_manifest_sha256"


@dataclass(frozen=True)
class Link:
    """A release that was published. `manifest_sha256` is the hash of its manifest, and of it as rewritten since.

    `is_late` where it was recorded after the fact, because a run was killed or the log was begun anew.
    """

    number: int
    release_id: str
    manifest_sha256: tuple[str, ...]
    is_pruned: bool = False
    is_late: bool = False


@dataclass(frozen=True)
class Chain:
    """The links by number, the release that the log says is current, and the ids of those that were rolled back."""

    links: dict[int, Link]
    current: str | None
    rolled_back: frozenset[str]

    @property
    def last(self) -> Link | None:
        """The link with the highest number."""
        return self.links[max(self.links)] if self.links else None


def log_of(releases: Path) -> Path:
    """Return the audit log of the home that the folder `releases` belongs to."""
    return Home(releases.parent).audit_log


def read_chain(releases: Path) -> Chain:
    """Return the chain of the folder `releases`; it has no links before the first release that was recorded."""
    return chain_of(entries(log_of(releases)))


def chain_of(recorded: Iterable[dict[str, Any]]) -> Chain:
    """Return the chain that the entries of an audit log tell of."""
    links: dict[int, Link] = {}
    current: str | None = None
    rolled_back: set[str] = set()
    for entry in recorded:
        action, details = entry["action"], entry["details"]
        if action == "publish":
            late = details.get("late", False)
            link = Link(details["number"], details["release"], (details["manifest_sha256"],), is_late=late)
            if not details.get("older"):
                links.setdefault(link.number, link)
            if not late:
                rolled_back.discard(link.release_id)
                current = link.release_id
        elif action == "prune" and details["number"] in links:
            links[details["number"]] = replace(links[details["number"]], is_pruned=True)
        elif action == "rollback":
            current, rolled_back = details["release"], set(details["rolled_back"])
        elif action == "resume":
            rolled_back = set()
        elif action == "erase":
            _rewrite(links, details.get("releases", []))
    return Chain(links, current, frozenset(rolled_back))


def next_number(releases: Path) -> int:
    """Return the number of the release to be published next: one more than the highest there ever was."""
    last = read_chain(releases).last
    numbers = [release.number for release in readable_releases(releases)]
    return max([*numbers, last.number] if last else numbers, default=0) + 1


def next_link(releases: Path, number: int) -> dict[str, Any]:
    """Return what the manifest of release `number` says of the chain: the hash of the manifest before, the log's end.

    Raises ConfigError where `number` does not follow the last one.
    """
    last = read_chain(releases).last
    older = max(readable_releases(releases), key=lambda release: release.number, default=None)
    if last is not None:
        before, previous = last.number, last.manifest_sha256[-1]
    elif older is not None:
        before, previous = older.number, manifest_sha256(older.folder)
    else:
        before, previous = number - 1, None
    if number != before + 1:
        raise ConfigError(f"number: found {number}, expected {before + 1}, which follows the last release.")
    head = read_log(log_of(releases)).head
    return {PREVIOUS: previous, "log": {"entries": head.entries, "sha256": head.sha256} if head else None}


def record_publication(releases: Path, release: Release, **details: Any) -> None:
    """Record in the log that `release` is about to become the current one. Raises RapportError."""
    if PREVIOUS not in release.manifest:
        details["older"] = True  # than the chain: it has no place in it
    record(log_of(releases), "publish", **_facts(release), **details)


def record_pruning(releases: Path, release: Release) -> None:
    """Record in the log that `release` is about to be removed. Raises RapportError."""
    record(log_of(releases), "prune", **_facts(release))


def catch_up(releases: Path) -> None:
    """Record the release that a run put into its place before it was killed, if there is one. It was never current.

    Raises RapportError where the whole log is gone.
    """
    known = entries(log_of(releases))
    last = chain_of(known).last
    for release in _chained(releases):
        if not known and release.manifest.get("log"):
            raise RapportError(
                f"{log_of(releases)}: is missing or empty, and release {release.id} names a line of it. Restore it "
                "from a backup. To go on without: rapport log --restart. Nothing was published."
            )
        if last is None or (
            release.number == last.number + 1 and release.manifest[PREVIOUS] == last.manifest_sha256[-1]
        ):
            record_publication(releases, release, late=True)
            last = Link(release.number, release.id, (manifest_sha256(release.folder),), is_late=True)


def adopt(releases: Path) -> None:
    """Record every release that has a place in a chain as it is now: a log that is begun anew starts with them."""
    for release in _chained(releases):
        record_publication(releases, release, late=True)


def manifest_sha256(folder: Path) -> str:
    """Return the sha256 (hex) of the manifest of the release in `folder`."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def readable_releases(releases: Path) -> list[Release]:
    """Return the releases whose manifests can be read, in no order; the others are left for a person."""
    found = []
    for folder in releases.iterdir() if releases.is_dir() else []:
        if folder.is_dir() and not folder.is_symlink() and not folder.name.startswith("."):
            try:
                found.append(Release(folder.name, folder, read_manifest(folder), is_current=False))
            except RapportError:
                continue
    return found


def _chained(releases: Path) -> list[Release]:
    """The releases that name one before them, by number."""
    found = [release for release in readable_releases(releases) if PREVIOUS in release.manifest]
    return sorted(found, key=lambda release: release.number)


def _facts(release: Release) -> dict[str, Any]:
    return {"release": release.id, "number": release.number, "manifest_sha256": manifest_sha256(release.folder)}


def _rewrite(links: dict[int, Link], rewritten: list[dict[str, Any]]) -> None:
    """An erasure changes manifests as well: what it recorded is from then on what they have to be."""
    for one in rewritten:
        old, new = one["manifest_sha256"]
        for number, link in links.items():
            if link.release_id == one["release"] and link.manifest_sha256[-1] == old:
                links[number] = replace(link, manifest_sha256=(*link.manifest_sha256, new))
