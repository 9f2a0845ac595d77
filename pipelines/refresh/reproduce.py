"""Builds a published release a second time, from the landing alone, and compares."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.audit_log import entries, record
from pipelines.code import code_version
from pipelines.config import Settings
from pipelines.errors import ConfigError, ProofError, RapportError
from pipelines.landing.batches import BatchManifest, list_batches
from pipelines.landing.recorded import Recorded, batch_name, recorded_batches
from pipelines.paths import Home
from pipelines.refresh.lock import only_run
from pipelines.refresh.plan import Plan, settings_of
from pipelines.refresh.steps import build_warehouse, check_built
from pipelines.releases.candidate import build_candidate
from pipelines.releases.catalog import Release
from pipelines.releases.chain import chain_of, readable_releases
from pipelines.releases.digest import database_facts
from pipelines.releases.names import DATABASE, RELATIVE_TABLES
from pipelines.releases.verify import check_release

_PRIVATE = 0o700
_SHOWN = 10


@dataclass(frozen=True)
class Reproduction:
    """What a second build gave. Tables are `schema.table`: with the same digest, with another one, on one side only.

    `erased` names the batches that an erasure has rewritten since the release was published.
    """

    release: Release
    code: str
    equal: tuple[str, ...]
    different: tuple[str, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]
    erased: tuple[str, ...]

    @property
    def is_same_code(self) -> bool:
        """Whether it was built with the code that had published the release."""
        return self.code == self.release.manifest["code_version"]

    @property
    def is_equal(self) -> bool:
        """Whether every table is there with its digest, and no other one."""
        return bool(self.equal) and not (self.different or self.missing or self.new)


@dataclass(frozen=True)
class Rebuilt:
    """A release that was built a second time, aside: its home's settings and plan, and what was rewritten since."""

    release: Release
    settings: Settings
    plan: Plan
    erased: tuple[str, ...]


@contextmanager
def rebuilt(settings: Settings, release_id: str, tell: Callable[[str], None] = lambda _: None) -> Iterator[Rebuilt]:
    """Give the release `release_id`, built again from the batches, the instant and the configuration of its manifest.

    It is built beside the home's own warehouse and releases, which are not touched, and removed afterwards. `tell` is
    given what it is doing. Raises ConfigError where there is no such release, ProofError where its manifest is not what
    was published, RapportError where a batch is missing or changed or the models cannot be built.
    """
    home = settings.folders
    recorded = entries(home.audit_log)
    release = _release(home, release_id, recorded)
    manifest = release.manifest
    code = code_version()
    if code != manifest["code_version"]:
        tell(
            f"The code is another one: release {release_id} was published with {manifest['code_version']}, this is "
            f"{code}. Only the same code has to give the same figures; compared they are all the same."
        )
    batches, erased = batches_of(home.landing, manifest, recorded_batches(recorded))
    if erased:
        tell(f"{len(erased)} batches were rewritten by an erasure since: {', '.join(erased[:_SHOWN])}")
    as_of = datetime.fromisoformat(manifest["as_of"])
    tell(f"building {release_id} again: as of {manifest['as_of'][:16]} UTC, {len(batches)} batches")
    with aside_of(home) as aside:
        plan = Plan(as_of, batches, code, manifest["config"], manifest["fingerprint"], None)
        again = settings_of(manifest, settings, aside.root)
        check_built(build_warehouse(again, plan))
        yield Rebuilt(release, again, plan, erased)


def reproduce(settings: Settings, release_id: str, tell: Callable[[str], None] = lambda _: None) -> Reproduction:
    """Build the release `release_id` a second time, and compare it table by table. Raises what `rebuilt` raises."""
    with rebuilt(settings, release_id, tell) as again:
        tell("comparing")
        aside = again.settings.folders
        candidate = build_candidate(aside.database, aside.releases, release_id)
        found = {name: facts.digest for name, facts in database_facts(candidate / DATABASE).items()}
        result = _compared(again.release, again.plan.code_version, found, again.erased)
    record(
        settings.folders.audit_log,
        "reproduce",
        release=release_id,
        outcome="equal" if result.is_equal else "different",
        tables=[*result.different, *result.missing, *result.new],
        code_version=result.code,
    )
    return result


def _release(home: Home, release_id: str, recorded: tuple[dict[str, Any], ...]) -> Release:
    links = {link.release_id: link for link in chain_of(recorded).links.values()}
    for release in readable_releases(home.releases):
        if release.id == release_id:
            findings = check_release(release.folder, links.get(release_id))
            if findings:
                raise ProofError(f"Release {release_id} is not what was published: {findings[0]} See: rapport verify.")
            return release
    link = links.get(release_id)
    gone = "was pruned; its manifest is gone" if link and link.is_pruned else "is not there"
    raise ConfigError(f"{home.releases}: release {release_id!r} {gone}. Those there are: rapport releases.")


def batches_of(
    landing: Path, manifest: dict[str, Any], recorded: dict[str, Recorded]
) -> tuple[tuple[BatchManifest, ...], tuple[str, ...]]:
    """The batches that the release was built from, and no other; with the names of those rewritten since."""
    there = {batch_name(batch): batch for batch in list_batches(landing)}
    batches, erased, problems = [], [], []
    for told in manifest["inputs"]:
        name = f"{told['system']}/{told['source']}/{told['table']}/{told['batch_id']}"
        batch = there.get(name)
        if batch is None:
            problems.append(f"{name}: is not in the landing any more.")
        elif (batch.content_hash, batch.rows, batch.landed_at.isoformat()) != (
            told["content_hash"],
            told["rows"],
            told["landed_at"],
        ):
            problems.append(f"{name}: is another batch than the release was built from.")
        else:
            batches.append(batch)
            state = _state(batch, told, recorded.get(name))
            if state == "changed":
                problems.append(f"{name}: was changed since, and the audit log has no erasure that did it.")
            elif state == "erased":
                erased.append(name)
    if problems:
        more = [f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        lines = [f"{landing}: the release cannot be built again. Restore from a backup:", *problems[:_SHOWN], *more]
        raise RapportError("\n  ".join(lines))
    return tuple(batches), tuple(erased)


def _state(batch: BatchManifest, told: dict[str, Any], known: Recorded | None) -> str:
    """Whether the batch is `same`, `erased` or `changed` since the release was published."""
    state = "same"
    for key, now in (("rows_sha256", batch.rows_sha256), ("rejects_sha256", batch.rejects_sha256)):
        then = told.get(key, now)  # releases older than the chain do not tell
        history = getattr(known, key) if known else (then,)
        if now != history[-1] or then not in history:
            return "changed"
        if now != then:
            state = "erased"
    return state


def _compared(release: Release, code: str, found: dict[str, str], erased: tuple[str, ...]) -> Reproduction:
    tables = release.manifest["tables"].items()
    told = {name: table["digest"] for name, table in tables if name not in RELATIVE_TABLES}
    found = {name: digest for name, digest in found.items() if name not in RELATIVE_TABLES}
    both = sorted(told.keys() & found.keys())
    return Reproduction(
        release=release,
        code=code,
        equal=tuple(name for name in both if told[name] == found[name]),
        different=tuple(name for name in both if told[name] != found[name]),
        missing=tuple(sorted(told.keys() - found.keys())),
        new=tuple(sorted(found.keys() - told.keys())),
        erased=erased,
    )


@contextmanager
def aside_of(home: Home) -> Iterator[Home]:
    """A home for one build, readable by nobody else, and removed afterwards; it starts with what dbt has parsed."""
    aside = Home(home.reproductions)
    with only_run(home.reproductions.with_suffix(".lock")):
        shutil.rmtree(aside.root, ignore_errors=True)
        aside.root.mkdir(mode=_PRIVATE)
        try:
            parsed = home.warehouse / "dbt" / "partial_parse.msgpack"
            if parsed.is_file():
                (aside.warehouse / "dbt").mkdir(parents=True)
                shutil.copyfile(parsed, aside.warehouse / "dbt" / parsed.name)
            yield aside
        finally:
            shutil.rmtree(aside.root)
