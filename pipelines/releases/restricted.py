"""The restricted edition of a release: who persons are, and what was written, for few eyes only."""

import stat
from pathlib import Path

import duckdb

from pipelines.errors import ProofError, RapportError
from pipelines.releases.database import ALIAS
from pipelines.releases.digest import TableFacts, database_facts
from pipelines.releases.names import DATABASE, RESTRICTED, RESTRICTED_DATABASE, RESTRICTED_SCHEMAS, quote_text

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def is_restricted(folder: Path, path: Path) -> bool:
    """Return whether `path` belongs to the restricted edition of the release or candidate in `folder`."""
    return path.relative_to(folder).parts[:1] == (RESTRICTED,)


def restricted_facts(folder: Path) -> dict[str, TableFacts]:
    """Return the facts of every restricted table, by `schema.table`; none where there is no such edition.

    Raises RapportError where its database cannot be read.
    """
    if not (folder / RESTRICTED).exists():
        return {}
    return database_facts(folder / RESTRICTED_DATABASE, RESTRICTED_SCHEMAS)


def edition_facts(folder: Path) -> dict[str, TableFacts]:
    """Return the facts of every table of both editions of the release or candidate in `folder`. Raises RapportError."""
    return database_facts(folder / DATABASE) | restricted_facts(folder)


def split_facts(facts: dict[str, TableFacts]) -> tuple[dict[str, TableFacts], dict[str, TableFacts]]:
    """Return the facts of the default edition's tables, and those of the restricted edition's."""
    restricted = {name: found for name, found in facts.items() if name.split(".")[0] in RESTRICTED_SCHEMAS}
    return {name: found for name, found in facts.items() if name not in restricted}, restricted


def check_private(folder: Path) -> None:
    """Raise ProofError where group or others could read anything of the restricted edition in `folder`."""
    edition = folder / RESTRICTED
    if not edition.exists():
        return
    for path in (edition, *sorted(edition.rglob("*"))):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode & _OTHERS:
            raise ProofError(
                f"{path}: has mode {mode:o}, so that more than its owner could read personal data. Nothing was "
                "published. Keep releases on a file system that has permissions."
            )


def attach_restricted(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Let `connection`, whose default database is the release in `folder`, also find `restricted.<table>`.

    Raises RapportError where there is no such edition, or its owner has not let this user read it.
    """
    file = folder / RESTRICTED_DATABASE
    try:
        if not file.is_file():
            raise RapportError(f"{folder}: has no restricted edition. Publish one: rapport run --rebuild")
        with file.open("rb"):
            pass
    except PermissionError:
        raise RapportError(
            f"{file}: is not for you: only the user who runs Rapport reads the restricted edition."
        ) from None
    connection.execute(f"attach {quote_text(str(file))} as people (read_only)")
    connection.execute(f"set search_path = '{ALIAS}.main,people.restricted'")
