"""The bytes of a file: decompressed, hashed, and with every failure to read turned into a message."""

import gzip
import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from pipelines.sources.model import DataFile

CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Digest:
    """Size in bytes and sha256 of a file, both after decompression, and a `stamp` that changes when it is written."""

    size: int
    sha256: str
    stamp: tuple[int, int, int]


@contextmanager
def guard(file: DataFile) -> Iterator[None]:
    """Turn what the operating system or gzip raise inside the block into a SourceError about `file`."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise file.error("is a truncated or corrupt gzip file. Copy it again, whole.") from None
    except FileNotFoundError:
        raise file.error("is missing. Put it there, and run again.") from None
    except PermissionError:
        raise file.error("may not be read. Give the account that runs Rapport permission to read it.") from None
    except IsADirectoryError:
        raise file.error("is a folder where a file should be.") from None
    except OSError as error:
        raise file.error(f"cannot be read: {error.strerror or error}.") from None


@contextmanager
def open_bytes(file: DataFile) -> Iterator[BinaryIO]:
    """Give the decompressed bytes of `file` as a stream. Raises SourceError when its name and its content disagree."""
    with guard(file), file.path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        if packed and not file.compressed:
            raise file.error("is compressed with gzip, but its name does not end in .gz. Rename it.")
        if not file.compressed:
            yield raw
            return
        if not packed:
            raise file.error("is not a gzip file, though its name ends in .gz. Copy it again, or rename it.")
        with gzip.GzipFile(fileobj=raw) as stream:
            yield stream


@contextmanager
def open_seekable(file: DataFile) -> Iterator[BinaryIO]:
    """Give the decompressed bytes of `file` as a stream in which seeking is cheap."""
    with open_bytes(file) as stream:
        if not file.compressed:
            yield stream
            return
        with tempfile.TemporaryFile() as plain:
            shutil.copyfileobj(stream, plain, CHUNK)
            plain.seek(0)
            yield plain


def digest(file: DataFile) -> Digest:
    """Return size and hash of the decompressed bytes. Raises SourceError for a file that is empty or cannot be read."""
    before, size, sha256 = stamp(file), 0, hashlib.sha256()
    with open_bytes(file) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            sha256.update(chunk)
    if not size:
        raise file.error("is empty: it has not even a header. Export it again.")
    return Digest(size, sha256.hexdigest(), before)


def stamp(file: DataFile) -> tuple[int, int, int]:
    """Return what changes when somebody writes the file."""
    with guard(file):
        status = file.path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def check_unchanged(file: DataFile, taken: Digest) -> None:
    """Raise SourceError when the file was written since `taken`: what was read may be neither the old nor the new."""
    if stamp(file) != taken.stamp:
        raise file.error("was changed while it was read. Run again when it has been written completely.")
