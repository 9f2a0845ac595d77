"""What the files and folders of a release are called, and how names get into SQL."""

import re
from pathlib import Path

from pipelines.errors import ConfigError

SCHEMAS = ("marts", "core", "audit", "meta")
RESTRICTED_SCHEMAS = ("restricted",)
DATABASE = "marts.duckdb"
RESTRICTED = "restricted"
RESTRICTED_DATABASE = f"{RESTRICTED}/restricted.duckdb"
VERDICT = "verdict.json"
MANIFEST = "manifest.json"
PARQUET = "parquet"
CURRENT = "current"
VERDICT_TABLE = "audit.verdict"
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


def check_release_id(release_id: str) -> str:
    """Return `release_id`. Raises ConfigError where it cannot be the name of a folder."""
    if not _RELEASE_ID.fullmatch(release_id) or release_id == CURRENT:
        raise ConfigError(
            f"release id {release_id!r}: allowed are up to 100 letters, digits, '.', '_' and '-', "
            f"starting with a letter or digit; {CURRENT!r} is the name of the link."
        )
    return release_id
