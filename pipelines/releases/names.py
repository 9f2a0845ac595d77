"""What the files and folders of a release are called, and how names get into SQL."""

import re
from collections.abc import Iterable
from pathlib import Path

from pipelines.errors import ConfigError

SCHEMAS = ("marts", "core", "audit", "meta")
RESTRICTED_SCHEMAS = ("restricted",)
DATABASE = "marts.duckdb"
RESTRICTED = "restricted"
RESTRICTED_DATABASE = f"{RESTRICTED}/restricted.duckdb"
VERDICT = "verdict.json"
CHECKS = "checks"
MANIFEST = "manifest.json"
PARQUET = "parquet"
CURRENT = "current"
VERDICT_TABLE = "audit.verdict"
# what is said of a release in comparison with the one before it, and so not by its inputs alone
RELATIVE_TABLES = frozenset({VERDICT_TABLE, "audit.drift", "audit.restatements", "audit.restated_rows"})
CANDIDATE_PREFIX = ".candidate-"
DISCARDED_PREFIX = ".discarded-"

_RELEASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def quote_name(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def table_name(schema: str, table: str) -> str:
    """Return `"schema"."table"`."""
    return f"{quote_name(schema)}.{quote_name(table)}"


def parquet_file(folder: Path, schema: str, table: str) -> Path:
    """Return where the Parquet copy of a table is inside the release in `folder`."""
    return folder / PARQUET / schema / f"{table}.parquet"


def page_names(subjects: Iterable[str]) -> dict[str, str]:
    """Return the name of the page of each table (or file of expectations) that was checked, sorted by subject."""
    names = {subject: re.sub(r"[^a-z0-9_.-]", "_", subject.lower()) for subject in sorted(set(subjects))}
    return {subject: f"{number:03d}-{name}.html" for number, (subject, name) in enumerate(names.items(), start=1)}


def check_release_id(release_id: str) -> str:
    """Return `release_id`. Raises ConfigError where it cannot be the name of a folder."""
    if not _RELEASE_ID.fullmatch(release_id) or release_id == CURRENT:
        raise ConfigError(
            f"release id {release_id!r}: allowed are up to 100 letters, digits, '.', '_' and '-', "
            f"starting with a letter or digit; {CURRENT!r} is the name of the link."
        )
    return release_id
