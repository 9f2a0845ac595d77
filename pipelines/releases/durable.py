"""Writing so that a power cut leaves the old state or the new one."""

import os
from pathlib import Path

from pipelines.releases.names import CURRENT
from pipelines.releases.restricted import is_restricted


def sync(path: Path) -> None:
    """Return when what `path` (a file or a folder) holds is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def seal(folder: Path) -> None:
    """Make every file of the release in `folder` read-only, and return when files and folders are on the disk.

    Of the restricted edition, only the owner can read anything.
    """
    for path in sorted(folder.rglob("*")):
        if is_restricted(folder, path):
            path.chmod(0o400 if path.is_file() else 0o700)
        elif path.is_file():
            path.chmod(0o444)
        sync(path)
    sync(folder)


def switch_current(releases: Path, release_id: str) -> None:
    """Make `current` point to the release `release_id`, in one atomic step; readers see the old one or the new one."""
    temporary = releases / f".{CURRENT}-{release_id}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(release_id)
    temporary.replace(releases / CURRENT)
    sync(releases)
