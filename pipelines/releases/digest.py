"""A fingerprint of what a table says, whatever order and file format its rows are stored in."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.errors import RapportError
from pipelines.releases.database import opened, published_tables
from pipelines.releases.names import SCHEMAS, quote_name, table_name

_CHUNK = 100_000
_HASH = 32
_KNOWN: dict[tuple[str, tuple[str, ...]], dict[str, "TableFacts"]] = {}
_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")


@dataclass(frozen=True)
class TableFacts:
    """How many rows a table has, and its digest."""

    rows: int
    digest: str


def content_digest(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    """Return the sha256 (hex) of the content of a table in the connection's default database.

    It depends on the names, types and order of the columns and on every value, and on nothing else: not on the order
    of rows nor on how they are stored. Raises RapportError for a table that is not there.
    """
    return table_facts(connection, schema, table).digest


def table_facts(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> TableFacts:
    """Return the rows and the digest of a table in the connection's default database. Raises RapportError."""
    return relation_facts(connection, table_name(schema, table), column_types(connection, schema, table))


def database_facts(file: Path, schemas: tuple[str, ...] = SCHEMAS) -> dict[str, TableFacts]:
    """Return the facts of every table of `schemas` in the database `file`, by `schema.table`. Raises RapportError.

    The file is read each time; if its bytes are those of a file that this process has looked into, so is its content.
    """
    with opened(file) as connection:
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        found = _KNOWN.get((content, schemas))
        if found is None:
            found = {f"{s}.{t}": table_facts(connection, s, t) for s, t in published_tables(connection, schemas)}
            _KNOWN[content, schemas] = found
        return dict(found)


def column_types(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[tuple[str, str]]:
    """Return (name, type) of the columns of a table in their order. Raises RapportError for no such table."""
    try:
        described = connection.execute(f"select column_name, column_type from (describe {table_name(schema, table)})")
    except duckdb.CatalogException:
        raise RapportError(f"{schema}.{table}: there is no such table in the database.") from None
    return described.fetchall()


def relation_facts(connection: duckdb.DuckDBPyConnection, relation: str, columns: list[tuple[str, str]]) -> TableFacts:
    """Return the facts of `relation` (SQL that can follow `from`), read as having exactly `columns`."""
    digest = hashlib.sha256(json.dumps(columns).encode())
    texts = ", ".join(f"{_text(quote_name(name), kind)} as c{number}" for number, (name, kind) in enumerate(columns))
    parts = ", ".join(_prefixed(f"c{number}") for number in range(len(columns)))
    # Sorting the hashes rather than the rows keeps memory at 32 bytes a row, whatever the rows hold.
    hashes = connection.execute(
        f"select unhex(sha256(concat({parts}))) as h from (select {texts} from {relation}) order by h"
    )
    rows = 0
    for batch in hashes.to_arrow_reader(_CHUNK):
        rows += batch.num_rows
        digest.update(_bytes(batch.column(0)))
    return TableFacts(rows, digest.hexdigest())


def _bytes(hashes: pa.Array) -> memoryview:
    """Return the values of `hashes`, one after the other, as they lie in memory."""
    return memoryview(hashes.buffers()[2])[hashes.offset * _HASH : (hashes.offset + len(hashes)) * _HASH]


def same_rows(connection: duckdb.DuckDBPyConnection, left: str, right: str, columns: list[tuple[str, str]]) -> bool:
    """Return whether `left` and `right` (SQL that can follow `from`) have the same rows, in whatever order.

    Both are read as having exactly `columns`. By number and sum of the hashes of the rows, so a difference that
    nobody makes on purpose is overlooked once in 2^64; against purpose there is the digest.
    """
    hashed = ", ".join(
        _text(quote_name(name), kind) if kind.startswith(_NESTED) else quote_name(name) for name, kind in columns
    )
    told = [
        connection.execute(f"select count(*), sum(hash({hashed})::hugeint) from {relation}").fetchone()
        for relation in (left, right)
    ]
    return told[0] == told[1]


def _prefixed(text: str) -> str:
    """What to concatenate: a value with its length before it, so that no two rows can spell the same; N for NULL.

    (Of a NULL nothing is concatenated.)
    """
    return f"case when {text} is null then 'N' else strlen({text})::varchar || ':' end, {text}"


def _text(column: str, kind: str) -> str:
    """A value as text that no other value of the type has, and that no setting of the session changes."""
    if kind == "BLOB":
        return f"hex({column})"
    if kind == "TIMESTAMP WITH TIME ZONE":
        # As text it would be in the session's zone; infinity has no epoch, and no zone either.
        return f"coalesce(epoch_us({column})::varchar, {column}::varchar)"
    if kind in ("DOUBLE", "FLOAT"):
        # DuckDB's compression of floats does not keep the sign of a zero, and nobody means anything by it
        return f"(case when {column} = 0 then '0.0' else {column}::varchar end)"
    if kind.endswith("]") or kind.startswith(_NESTED):
        # JSON tells 'a, b' from two members and NULL from 'NULL'; the plain text keeps every digit of a decimal.
        return f"(to_json({column})::varchar || {column}::varchar)"
    return f"{column}::varchar"
