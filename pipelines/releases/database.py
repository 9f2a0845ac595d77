"""A release's database, opened so that nothing is changed by looking at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import RapportError
from pipelines.releases.names import SCHEMAS, quote_name, quote_text
from pipelines.scratch import in_memory

ALIAS = "release"


@contextmanager
def opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection in which the database in `file` is the default one, read-only.

    The file is attached under a name of our own: opened directly, `marts.duckdb` would be the catalog `marts`, and
    DuckDB calls `marts.some_table` ambiguous between that catalog and the schema. Raises RapportError.
    """
    if not file.is_file():
        raise RapportError(f"{file}: there is no such database.")
    with in_memory() as connection:
        try:
            connection.execute(f"attach {quote_text(str(file))} as {quote_name(ALIAS)} (read_only)")
            connection.execute(f"use {quote_name(ALIAS)}")
        except duckdb.Error as error:
            raise RapportError(f"{file}: cannot be opened: {error}") from None
        yield connection


def published_tables(
    connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...] = SCHEMAS
) -> list[tuple[str, str]]:
    """Return (schema, table) of every table and view of `schemas` in the default database, sorted."""
    listed = ", ".join(map(quote_text, schemas))
    return connection.execute(
        f"""
        select schema_name, table_name from duckdb_tables()
        where database_name = current_database() and not internal and not temporary and schema_name in ({listed})
        union all
        select schema_name, view_name from duckdb_views()
        where database_name = current_database() and not internal and not temporary and schema_name in ({listed})
        order by all
        """
    ).fetchall()
