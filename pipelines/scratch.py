"""A database in memory, for one question."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines.memory import memory_limit


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to an empty database in memory.

    What does not fit into memory goes to a folder that only the owner can read, below TMPDIR, and is gone afterwards:
    DuckDB's own choice would be `.tmp` in the working folder, for everybody to read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rapport-") as folder,
        duckdb.connect(config={"temp_directory": folder, "memory_limit": memory_limit()}) as connection,
    ):
        yield connection
