"""What is to be landed of a source: its tables, their files, and what of them is new."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.config import Source
from pipelines.errors import ConfigError, SourceError
from pipelines.landing.batches import FORMAT, BatchManifest, LandedFile
from pipelines.sources.catalog import TableSpec, load_catalog
from pipelines.sources.content import Digest, digest
from pipelines.sources.locate import find_files, patterns_of
from pipelines.sources.model import DataFile, Reading, reading_of


@dataclass(frozen=True)
class Content:
    """The files that a new batch of a table is made of, with their digests, and the hash of it all."""

    files: tuple[tuple[DataFile, Digest], ...]
    content_hash: str

    @property
    def landed_files(self) -> tuple[LandedFile, ...]:
        """The files as the manifest names them."""
        return tuple(LandedFile(file.name, taken.size, taken.sha256) for file, taken in self.files)


def tables_of(source: Source, catalog: dict[str, TableSpec] | None = None) -> dict[str, TableSpec]:
    """Return the tables of the source's system.

    Raises ConfigError when its options name another one, or append to one whose rows only their place tells apart.
    """
    specs = load_catalog(source.system) if catalog is None else catalog
    unknown = sorted(set(source.options.tables) - set(specs))
    if unknown:
        raise ConfigError(
            f"source {source.name}: options.tables: {', '.join(unknown)} is not a table of {source.system}. "
            f"Allowed: {', '.join(specs)}."
        )
    for name, spec in specs.items():
        if "_row_number" in spec.key and load_of(source, name) == "append":
            raise ConfigError(
                f"source {source.name}: table {name}: its rows are known by their place in the file and cannot be "
                "appended to. Use load: snapshot."
            )
    return specs


def load_of(source: Source, table: str) -> str:
    """Return 'snapshot' or 'append': the table's own option where given, else the source's."""
    own = source.options.tables.get(table)
    return (own and own.load) or source.options.load


def files_by_table(
    source: Source, specs: dict[str, TableSpec], newest: dict[str, BatchManifest]
) -> dict[str, list[DataFile]]:
    """Return the files of each table; none for an optional table that is absent.

    Raises SourceError when a table that was landed before (`newest`) has no file now, or the source has none at all.
    """
    found = {name: find_files(source, spec) for name, spec in specs.items()}
    for name, spec in specs.items():
        if not found[name] and name in newest:
            landed = newest[name].landed_at
            raise SourceError(
                f"source {source.name}: table {name}: no file matches {', '.join(patterns_of(source, spec))} in "
                f"{source.location}. It was there on {landed:%Y-%m-%d} and is missing now. Put it back; "
                "if the table is empty today, a file with only the header says so."
            )
    if not any(found.values()):
        raise SourceError(
            f"source {source.name}: no file in {source.location} belongs to a table of {source.system}. Expected: "
            f"{', '.join(pattern for spec in specs.values() for pattern in patterns_of(source, spec))}. "
            "Correct `location` or `system`."
        )
    return found


def new_content(source: Source, files: Sequence[DataFile], earlier: Sequence[BatchManifest]) -> Content | None:
    """Return what a new batch holds, or None when there is nothing new. `earlier` are the table's batches in order.

    A snapshot is all files, unless they are what the newest batch is. An append is the files whose content is in no
    earlier batch; of several with the same content the first counts. Reads every file once.
    """
    table = files[0].table
    load, reading = load_of(source, table), reading_of(source, table)
    taken = [(file, digest(file)) for file in files]
    if load == "append":
        seen = {file.sha256 for batch in earlier for file in batch.files}
        fresh: dict[str, tuple[DataFile, Digest]] = {}
        for file, content in taken:
            if content.sha256 not in seen:
                fresh.setdefault(content.sha256, (file, content))
        taken = list(fresh.values())
    found = Content(tuple(taken), content_hash(taken, reading))
    newest = earlier[-1] if earlier else None
    same = newest and (newest.content_hash, newest.load) == (found.content_hash, load)
    return found if taken and not same else None


def content_hash(files: Sequence[tuple[DataFile, Digest]], reading: Reading) -> str:
    """Return the hash of what decides the rows: names and decompressed bytes of the files, and how they are read."""
    parts = {
        "format": FORMAT,
        "reading": reading.as_dict(),
        "files": [[file.name, content.sha256] for file, content in files],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()
