"""The releases there are, and questions to the current one."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ConfigError, RapportError
from pipelines.releases.database import opened
from pipelines.releases.names import CURRENT, DATABASE, MANIFEST
from pipelines.releases.restricted import attach_restricted


@dataclass(frozen=True)
class Release:
    """A published release: its folder (without links) and its manifest."""

    id: str
    folder: Path
    manifest: dict[str, Any]
    is_current: bool

    @property
    def number(self) -> int:
        """The number that orders releases."""
        return self.manifest["number"]


def current_release(releases: Path) -> Release | None:
    """Return the release that readers see, None where nothing was published yet. Raises RapportError."""
    folder = _current_folder(releases)
    return None if folder is None else Release(folder.name, folder, read_manifest(folder), is_current=True)


def list_releases(releases: Path) -> list[Release]:
    """Return all releases, newest first. Raises RapportError where one of them cannot be read."""
    if not releases.is_dir():
        return []
    current = _current_folder(releases)
    found = [Release(folder.name, folder, read_manifest(folder), folder == current) for folder in _folders(releases)]
    return sorted(found, key=lambda release: (release.number, release.id), reverse=True)


def query(releases: Path, sql: str, restricted: bool = False) -> tuple[list[str], list[tuple]]:
    """Return the columns and rows that `sql` gives on the current release; it can change nothing and reach no file.

    With `restricted` it also finds the tables of the restricted edition, as `restricted.<table>`.

    Raises ConfigError for a mistake in `sql`, RapportError where there is no release.
    """
    folder = _current_folder(releases)
    if folder is None:
        raise RapportError(f"{releases}: nothing was published yet. Run: rapport run")
    with opened(folder / DATABASE) as connection:
        if restricted:
            attach_restricted(connection, folder)
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        try:
            result = connection.execute(sql)
            columns = [column[0] for column in result.description or []]
            return columns, result.fetchall() if columns else []
        except duckdb.Error as error:
            raise ConfigError(f"the query cannot be answered: {error}") from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of the release in `folder`. Raises RapportError where it is not a readable manifest."""
    file = folder / MANIFEST
    advice = "Restore the folder from a backup, or remove it."
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RapportError(f"{file}: the manifest cannot be read: {error}. {advice}") from None
    if not isinstance(manifest, dict) or not is_number(manifest.get("number")):
        raise RapportError(f"{file}: has no release number. {advice}")
    if manifest.get("release_id") != folder.name:
        raise RapportError(f"{file}: belongs to release {manifest.get('release_id')!r}. {advice}")
    return manifest


def is_number(value: Any) -> bool:
    """Return whether `value` can be a release's number."""
    return isinstance(value, int) and not isinstance(value, bool)


def _folders(releases: Path) -> list[Path]:
    """The folders of releases; what starts with a dot is unfinished or on its way out."""
    base = releases.resolve()
    return sorted(
        entry for entry in base.iterdir() if entry.is_dir() and not entry.is_symlink() and entry.name[0] != "."
    )


def _current_folder(releases: Path) -> Path | None:
    """Where `current` leads at this moment: resolved once, so that what is read from there belongs together."""
    link = releases / CURRENT
    if not link.is_symlink():
        if link.exists():
            raise RapportError(f"{link}: is not a link. Move it away; the next publication creates the link.")
        return None
    folder = link.resolve()
    if not folder.is_dir() or folder.parent != releases.resolve():
        raise RapportError(f"{link}: points to {folder}, which is not a release in {releases}. Publish again.")
    return folder
