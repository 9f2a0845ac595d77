"""The landing on disk: batches are written aside, made durable, and moved into place whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import RapportError
from pipelines.landing.batches import BatchManifest
from pipelines.paths import make_private

INCOMING = ".incoming-"
READ_ONLY = 0o444


@contextmanager
def incoming_folder(landing: Path, name: str) -> Iterator[Path]:
    """Give an empty folder on the landing's own file system, and remove it afterwards."""
    folder = make_private(landing) / f"{INCOMING}{name}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def writing(landing: Path) -> Iterator[None]:
    """Turn a failure to write inside the block into a RapportError."""
    try:
        yield
    except OSError as error:
        raise RapportError(
            f"{landing}: the landing cannot be written: {error.strerror or error}. "
            "Nothing half-written was left. Free space or correct the permissions, and run again."
        ) from None


def remove_leftovers(landing: Path) -> None:
    """Remove what a killed run left aside. Whole batches are not touched, and nobody but the owner can enter."""
    if landing.is_dir():
        make_private(landing)
        for folder in landing.glob(f"{INCOMING}*"):
            shutil.rmtree(folder)


def seal(folder: Path) -> None:
    """Make the files of a finished batch durable and read-only."""
    for file in folder.iterdir():
        _sync(file)
        file.chmod(READ_ONLY)
    _sync(folder)


def move_into_place(staged: Path, batch: BatchManifest, landing: Path) -> None:
    """Move a sealed batch to its own folder, in one step that either happened or did not."""
    batch.folder.parent.mkdir(parents=True, exist_ok=True)
    staged.rename(batch.folder)
    folder = batch.folder.parent
    while folder != landing.parent:
        _sync(folder)
        folder = folder.parent


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
