"""What a run is about to publish: its inputs, its code, and the release that follows from them."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipelines.code import code_version
from pipelines.config import Settings
from pipelines.errors import ConfigError
from pipelines.landing.batches import BatchManifest, list_batches
from pipelines.releases.catalog import Release, current_release
from pipelines.releases.chain import next_number


@dataclass(frozen=True)
class Plan:
    """One run: the same inputs, code, configuration and `as_of` give the same `fingerprint` and the same content."""

    as_of: datetime
    batches: tuple[BatchManifest, ...]
    code_version: str
    config: dict[str, Any]
    fingerprint: str
    current: Release | None

    @property
    def release_id(self) -> str:
        """The id of the release: its as_of in UTC, and what tells it from others of that instant."""
        return f"{self.as_of:%Y%m%dT%H%M%SZ}-{self.fingerprint[:8]}"

    @property
    def is_published(self) -> bool:
        """Whether the current release is the one that this run would make."""
        return self.current is not None and self.current.manifest.get("fingerprint") == self.fingerprint


def make_plan(settings: Settings, as_of: datetime) -> Plan:
    """Return the plan of a run at `as_of` (aware, UTC) over what was landed by then.

    Raises RapportError where the landing or the current release is damaged.
    """
    home = settings.folders
    names = {source.name for source in settings.sources}
    batches = tuple(b for b in list_batches(home.landing, as_of) if b.source in names)
    config = _content_settings(settings)
    code = code_version()
    parts = [
        as_of.isoformat(),
        code,
        json.dumps(config, sort_keys=True, default=str),
        *(f"{b.system}/{b.source}/{b.table}/{b.batch_id}/{b.content_hash}/{b.landed_at.isoformat()}" for b in batches),
    ]
    if home.erased.exists():
        # figures stay, but the restricted edition does not
        parts.append(hashlib.sha256(home.erased.read_bytes()).hexdigest())
    fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return Plan(as_of, batches, code, config, fingerprint, current_release(home.releases))


def make_manifest(plan: Plan, settings: Settings, published_at: datetime) -> dict[str, Any]:
    """Return what the release's manifest says of its origin; `published_at` (aware) is a record, not content."""
    return {
        "release_id": plan.release_id,
        "number": next_number(settings.folders.releases),
        "previous": plan.current.id if plan.current else None,
        "fingerprint": plan.fingerprint,
        "as_of": plan.as_of.isoformat(),
        "code_version": plan.code_version,
        "config": plan.config,
        "inputs": [
            {
                "system": batch.system,
                "source": batch.source,
                "table": batch.table,
                "batch_id": batch.batch_id,
                "content_hash": batch.content_hash,
                "rows": batch.rows,
                "rejected": batch.rejected,
                "landed_at": batch.landed_at.isoformat(),
                "rows_sha256": batch.rows_sha256,
                "rejects_sha256": batch.rejects_sha256,
            }
            for batch in plan.batches
        ],
        "published_at": published_at.isoformat(),
    }


def _content_settings(settings: Settings) -> dict[str, Any]:
    """The part of the configuration that figures depend on: not where things lie or how long they are kept."""
    values = settings.model_dump(mode="json", include={"company", "metrics", "quality", "privacy"})
    values["sources"] = [
        source.model_dump(mode="json", include={"name", "system", "options"}) for source in settings.sources
    ]
    return values


def settings_of(manifest: dict[str, Any], settings: Settings, home: Path) -> Settings:
    """Return the settings that a release was built with, for a build in the folder `home`; no source can be read.

    Raises ConfigError where this code does not know the configuration of then.
    """
    config = manifest["config"]
    sources = [{**source, "kind": "files", "location": home / "nowhere"} for source in config["sources"]]
    try:
        return Settings.model_validate({**config, "file": settings.file, "home": home, "sources": sources})
    except ValidationError as error:
        keys = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise ConfigError(
            f"release {manifest['release_id']}: its configuration is not one that this code knows: {keys}. "
            f"Use the code that published it: {manifest['code_version']}."
        ) from None
