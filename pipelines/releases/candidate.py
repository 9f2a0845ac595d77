"""A candidate: what would be published, in the form it would be published in, and not yet readable by anybody."""

import shutil
from collections import defaultdict
from pathlib import Path

import duckdb

from pipelines.errors import ProofError, RapportError
from pipelines.memory import memory_limit
from pipelines.paths import make_private
from pipelines.releases.database import opened, published_tables
from pipelines.releases.names import (
    CANDIDATE_PREFIX,
    DATABASE,
    DISCARDED_PREFIX,
    PARQUET,
    RESTRICTED,
    RESTRICTED_DATABASE,
    RESTRICTED_SCHEMAS,
    SCHEMAS,
    check_release_id,
    parquet_file,
    quote_name,
    quote_text,
    table_name,
)

_TARGET = "_candidate"


def build_candidate(warehouse: Path, releases: Path, release_id: str) -> Path:
    """Return the folder `<releases>/.candidate-<release_id>` with every table and view of the warehouse's schemas
    marts, core, audit and meta as tables in marts.duckdb, sorted, with their comments; those of the schema restricted
    are in restricted/restricted.duckdb, which at no moment anybody but the owner can read.

    What earlier runs left behind is removed first. Raises RapportError where the warehouse cannot be read, ProofError
    where it has nothing in `marts`.
    """
    folder = releases / (CANDIDATE_PREFIX + check_release_id(release_id))
    releases.mkdir(parents=True, exist_ok=True)
    remove_leftovers(releases)
    folder.mkdir()
    copied = copy_database(warehouse, folder / DATABASE, SCHEMAS)
    if not any(schema == "marts" for schema, _ in copied):
        raise ProofError(f"{warehouse}: has no table in the schema marts: there is nothing to publish.")
    restricted = make_private(folder / RESTRICTED)
    if copy_database(warehouse, folder / RESTRICTED_DATABASE, RESTRICTED_SCHEMAS):
        (folder / RESTRICTED_DATABASE).chmod(0o600)
    else:
        shutil.rmtree(restricted)
    return folder


def export_parquet(folder: Path) -> None:
    """Write every table of the candidate in `folder` to parquet/<schema>/<table>.parquet, replacing old ones.

    Call it when the database has its final content, verdict included. Raises RapportError.
    """
    shutil.rmtree(folder / PARQUET, ignore_errors=True)
    with opened(folder / DATABASE) as connection:
        for schema, table in published_tables(connection):
            target = parquet_file(folder, schema, table)
            target.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy {table_name(schema, table)} to {quote_text(str(target))} (format parquet, compression zstd)"
            )


def remove_leftovers(releases: Path) -> None:
    """Remove candidates and discarded releases that an interrupted run left in `releases`."""
    for entry in releases.iterdir():
        if entry.name.startswith((CANDIDATE_PREFIX, DISCARDED_PREFIX)):
            shutil.rmtree(entry)
        elif entry.name.startswith(".current-"):
            entry.unlink()


def copy_database(warehouse: Path, target: Path, schemas: tuple[str, ...]) -> list[tuple[str, str]]:
    """Copy what the warehouse has in `schemas` into the new database `target`; return (schema, table) of each."""
    connection = duckdb.connect(config={"memory_limit": memory_limit()})
    try:
        _attach(connection, warehouse, target)
        tables = published_tables(connection, schemas)
        for schema in sorted({schema for schema, _ in tables}):
            connection.execute(f"create schema {_TARGET}.{quote_name(schema)}")
        comments = _comments(connection)
        for schema, table in tables:
            _copy(connection, schema, table, comments[schema, table])
        connection.execute(f"checkpoint {_TARGET}")
    finally:
        connection.close()
    return tables


def _attach(connection: duckdb.DuckDBPyConnection, warehouse: Path, target: Path) -> None:
    """Make the warehouse the default database, read-only, and `target` a new one that DuckDB 1.0 can still read."""
    if not warehouse.is_file():
        raise RapportError(f"{warehouse}: there is no warehouse. Build it first.")
    try:
        # what does not fit in memory belongs beside the warehouse, where nobody else can read it
        connection.execute(f"set temp_directory = {quote_text(str(warehouse) + '.tmp')}")
        # Views name their tables with the catalog, which is the file's stem: under another name they would not bind.
        connection.execute(f"attach {quote_text(str(warehouse))} as {quote_name(warehouse.stem)} (read_only)")
        connection.execute(f"use {quote_name(warehouse.stem)}")
    except duckdb.Error as error:
        raise RapportError(f"{warehouse}: cannot be opened: {error}") from None
    connection.execute(f"attach {quote_text(str(target))} as {_TARGET} (storage_version 'v1.0.0')")


def _copy(connection: duckdb.DuckDBPyConnection, schema: str, table: str, comments: list[tuple[str, str, str]]) -> None:
    source = table_name(schema, table)
    try:
        connection.execute(f"create table {_TARGET}.{source} as select * from {source} order by all")
    except duckdb.Error as error:
        raise RapportError(f"{schema}.{table}: cannot be copied into the candidate: {error}") from None
    for level, name, comment in comments:
        target = f"{_TARGET}.{source}" + (f".{quote_name(name)}" if level == "column" else "")
        connection.execute(f"comment on {level} {target} is {quote_text(comment)}")


def _comments(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    """Return by schema and table (`table` or `column`, name, comment) for what has a comment."""
    found = connection.execute(
        """
        from (
            select schema_name, table_name, 'table', table_name, comment, database_name from duckdb_tables()
            union all
            select schema_name, view_name, 'table', view_name, comment, database_name from duckdb_views()
            union all
            select schema_name, table_name, 'column', column_name, comment, database_name from duckdb_columns()
        )
        where database_name = current_database() and comment is not null
        """
    ).fetchall()
    comments = defaultdict(list)
    for schema, table, level, name, comment, _ in found:
        comments[schema, table].append((level, name, comment))
    return comments
