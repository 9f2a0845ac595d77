"""Makes a proven candidate the current release, all at once."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ConfigError, ProofError, RapportError
from pipelines.quality.verdict import Verdict
from pipelines.releases.catalog import Release, current_release, is_number, read_manifest
from pipelines.releases.chain import catch_up, next_link, readable_releases, record_pruning, record_publication
from pipelines.releases.digest import TableFacts
from pipelines.releases.durable import seal, switch_current, sync
from pipelines.releases.names import (
    CANDIDATE_PREFIX,
    CURRENT,
    DISCARDED_PREFIX,
    MANIFEST,
    RELATIVE_TABLES,
    check_release_id,
)
from pipelines.releases.proof import check_claimed, differing, digests, file_hashes, prove
from pipelines.releases.restricted import check_private, edition_facts, split_facts


@dataclass(frozen=True)
class PublishResult:
    """What a publication did.

    `is_new` is False where the release existed already with the same content: then the candidate was thrown away.
    `switched` tells whether `current` points elsewhere than before. `pruned` are the ids of the releases removed.
    """

    release_id: str
    folder: Path
    is_new: bool
    switched: bool
    pruned: tuple[str, ...] = ()


def publish(candidate: Path, releases: Path, manifest: dict[str, Any], keep: int) -> PublishResult:
    """Publish `candidate` (a folder of build_candidate) and return what was done; `keep` releases stay.

    `manifest` has at least release_id and number; tables, files, the summary of the verdict and the link to the
    release before are added. Nothing is taken on trust: the verdict is read and the content is hashed here. The
    release that was current before stays in any case, for those who are about to open it. Raises ProofError, with the
    current release untouched, for whatever is not proven, and ConfigError for a manifest that does not fit the
    candidate or does not follow the last release.
    """
    _check_arguments(candidate, manifest, keep)
    verdict, facts = prove(candidate)
    check_claimed(manifest, split_facts(facts)[0])
    before = _pointed_to(releases)
    catch_up(releases)
    target = releases / manifest["release_id"]
    is_new = not target.exists()
    if is_new:
        _write_manifest(candidate, {**manifest, **next_link(releases, manifest["number"])}, verdict, facts)
        seal(candidate)
        check_private(candidate)
        candidate.rename(target)
        sync(releases)
    else:
        _check_same(target, facts)
    if is_new or before != target.name:
        # Recorded first: what the log does not know was never current.
        release = Release(target.name, target, read_manifest(target), is_current=True)
        record_publication(releases, release)
    switch_current(releases, target.name)
    if not is_new:
        shutil.rmtree(candidate)
    return PublishResult(target.name, target, is_new, before != target.name, _prune(releases, keep, before))


def _check_arguments(candidate: Path, manifest: dict[str, Any], keep: int) -> None:
    if keep < 1:
        raise ConfigError(f"keep: found {keep}, expected at least 1 release.")
    release_id = check_release_id(str(manifest.get("release_id", "")))
    if not is_number(manifest.get("number")):
        raise ConfigError(
            f"manifest of {release_id}: number: found {manifest.get('number')!r}, expected a whole number."
        )
    if candidate.name != CANDIDATE_PREFIX + release_id or not candidate.is_dir():
        raise ConfigError(f"{candidate}: is not the candidate of release {release_id}. Build it first.")


def _write_manifest(candidate: Path, manifest: dict[str, Any], verdict: Verdict, facts: dict[str, TableFacts]) -> None:
    default, restricted = split_facts(facts)
    content = {
        **manifest,
        "tables": _listed(default),
        "restricted_tables": _listed(restricted),
        "files": file_hashes(candidate),
        "verdict": {"passed": verdict.passed, "checks": len(verdict.checks), "failed": len(verdict.failed)},
    }
    text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True, default=str)
    file = candidate / MANIFEST
    file.unlink(missing_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def _listed(facts: dict[str, TableFacts]) -> dict[str, dict[str, Any]]:
    return {name: {"rows": found.rows, "digest": found.digest} for name, found in sorted(facts.items())}


def _check_same(target: Path, facts: dict[str, TableFacts]) -> None:
    """Raise ProofError unless the release in `target` has the content in `facts`."""
    try:
        published = edition_facts(target)
    except (RapportError, duckdb.Error) as error:
        raise ProofError(f"release {target.name} exists already and cannot be compared: {error}") from None
    names = sorted(set(differing(digests(published), digests(facts))) - RELATIVE_TABLES)
    if names:
        raise ProofError(
            f"release {target.name}: the same inputs gave different content in {', '.join(names)}. "
            "Nothing was published; look for a model that depends on the clock or on the order of rows."
        )


def _pointed_to(releases: Path) -> str | None:
    link = releases / CURRENT
    if not link.is_symlink() and link.exists():
        raise RapportError(f"{link}: is not a link; nothing was published. Move it away.")
    return link.readlink().name if link.is_symlink() else None


def _prune(releases: Path, keep: int, before: str | None) -> tuple[str, ...]:
    """Remove the oldest releases beyond `keep`, never the current one nor the one before; what cannot be read stays."""
    current = current_release(releases)
    known = sorted(readable_releases(releases), key=lambda release: (release.number, release.id), reverse=True)
    stay = {release.id for release in ([current] if current else [])}
    for release in known:
        if len(stay) < keep:
            stay.add(release.id)
    gone = [release for release in known if release.id not in stay | {before}]
    for release in gone:
        record_pruning(releases, release)
        # Renamed first: a folder half removed must not be taken for a release.
        discarded = releases / (DISCARDED_PREFIX + release.id)
        shutil.rmtree(discarded, ignore_errors=True)
        release.folder.rename(discarded)
        shutil.rmtree(discarded)
    return tuple(release.id for release in reversed(gone))
