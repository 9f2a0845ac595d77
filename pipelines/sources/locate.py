"""Which files make a table. A file is never taken from outside the source's location."""

import stat
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from pipelines.config import Source
from pipelines.errors import SourceError
from pipelines.sources.catalog import TableSpec
from pipelines.sources.model import SUFFIXES, DataFile

SHOWN = 10


def check_location(source: Source) -> Path:
    """Return the source's folder. Raises SourceError when there is no such folder or it cannot be listed."""
    location = source.location
    if not location.is_dir():
        found = "is a file, not a folder" if location.exists() else "does not exist"
        raise SourceError(
            f"source {source.name}: the location {location} {found}. Set `location` to an existing folder."
        )
    try:
        next(location.iterdir(), None)
    except OSError as error:
        raise SourceError(
            f"source {source.name}: the location {location} cannot be listed: {error.strerror}."
        ) from None
    return location


def patterns_of(source: Source, spec: TableSpec) -> tuple[str, ...]:
    """Return the name patterns of a table: the configured `file`, else those of its system."""
    own = source.options.tables.get(spec.name)
    return (own.file,) if own and own.file else spec.files


def find_files(source: Source, spec: TableSpec) -> list[DataFile]:
    """Return the files of a table, sorted by name; names are compared without regard to case, hidden files are skipped.

    Files with a suffix that no reader knows are left out when others match. Raises SourceError for a name that leaves
    the location, something that is not a regular file, a missing file that is required, configured or broken off, and
    when all that matches has an unknown suffix.
    """
    location = check_location(source)
    patterns = patterns_of(source, spec)
    found: dict[str, DataFile] = {}
    for pattern in patterns:
        for path in _matches(location, _parts(source, spec, pattern)):
            name = path.relative_to(location).as_posix()
            found[name] = DataFile(source.name, spec.name, name, path)
    files = [found[name] for name in sorted(found)]
    readable = [file for file in files if file.format]
    for file in readable or files:
        _check_file(location, file)
    if files and not readable:
        raise files[0].error(f"has a suffix that cannot be read. Give it as one of: {SUFFIXES}.")
    configured = patterns is not spec.files
    if not readable and (spec.required or configured):
        raise SourceError(
            f"source {source.name}: table {spec.name}: no file matches {', '.join(patterns)} in {location}. "
            f"{_listing(location)} Add the file, or set options.tables.{spec.name}.file."
        )
    return readable


def unmatched_files(source: Source, matched: set[Path]) -> list[str]:
    """Return the names in the location's top folder that no table took, sorted."""
    entries = (path for path in check_location(source).iterdir() if not path.is_dir() and not _hidden(path.name))
    return sorted(path.name for path in entries if path not in matched)


def _parts(source: Source, spec: TableSpec, pattern: str) -> tuple[str, ...]:
    path = PurePosixPath(pattern.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise SourceError(
            f"source {source.name}: table {spec.name}: the file {pattern!r} leaves the location {source.location}. "
            "Write a name below the location, without '..' and without a leading '/'."
        )
    return path.parts


def _matches(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    first, rest = parts[0], parts[1:]
    for path in sorted(folder.iterdir()):
        # The plain comparison lets a name be given that contains the pattern characters [ ] * ?
        if _hidden(path.name) or not (path.name == first or fnmatchcase(path.name.lower(), first.lower())):
            continue
        if not rest:
            yield path
        elif path.is_dir():
            yield from _matches(path, rest)


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


def _check_file(location: Path, file: DataFile) -> None:
    try:
        real = file.path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError):
        raise file.error("cannot be found: it is a link to a file that does not exist. Put the file there.") from None
    if not real.is_relative_to(location.resolve()):
        raise file.error("is a link to a file outside the location. Copy the file into the location.")
    if stat.S_ISDIR(mode):
        raise file.error("is a folder where a file should be. Give its files in `file`, for example name/*.parquet.")
    if not stat.S_ISREG(mode):
        raise file.error("is not a regular file. Replace it by one.")


def _listing(location: Path) -> str:
    names = sorted(path.name for path in location.iterdir() if not _hidden(path.name))
    if not names:
        return "The folder is empty."
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"The folder holds: {', '.join(names[:SHOWN])}{more}."
