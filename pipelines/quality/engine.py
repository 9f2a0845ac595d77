"""Great Expectations over one DuckDB connection. Importing this costs seconds: import it where it is used."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import duckdb
import sqlalchemy
from duckdb_engine import ConnectionWrapper
from great_expectations.compatibility import pydantic
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine

from pipelines.releases.names import quote_name


class OneConnectionEngine(SqlAlchemyExecutionEngine):
    """Runs every query on one connection that stays open until `close`.

    The engine it extends reads the rows of a result after it gave the connection back, and DuckDB's results are gone
    by then: nearly every metric fails with "list index out of range". A test notices when that is no longer so.
    """

    @contextmanager
    def get_connection(self) -> Iterator[sqlalchemy.Connection]:
        """Give the one connection; after an error it is rolled back, so that the next query works again."""
        if self._connection is None:
            self._connection = self.engine.connect()
        try:
            yield self._connection
        except Exception:
            self._connection.rollback()
            raise

    def close(self) -> None:
        """Close the connection and forget the engine's others."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.engine.dispose()


class CandidateDatasource(SQLDatasource):
    """A data source over a DuckDB connection that somebody else opened and will close."""

    type: Literal["rapport_candidate"] = "rapport_candidate"
    connection_string: str = "duckdb:///:memory:"
    _duckdb: Any = pydantic.PrivateAttr(None)

    def use(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read from `connection` from now on."""
        self._duckdb = connection

    def test_connection(self, test_assets: bool = True) -> None:
        """Do nothing: the connection is given later, and it is open."""

    def _create_engine(self) -> sqlalchemy.Engine:
        return sqlalchemy.create_engine("duckdb://", creator=self._connect)

    def _connect(self) -> ConnectionWrapper:
        # A cursor is a session of its own: it does not inherit the default database.
        (database,) = self._duckdb.execute("select current_database()").fetchone()
        session = self._duckdb.cursor()
        session.execute(f"use {quote_name(database)}")
        return ConnectionWrapper(session)

    def get_execution_engine(self) -> OneConnectionEngine:
        """Return the engine that runs this source's queries, always the same one."""
        if self._execution_engine is None:
            self._execution_engine = OneConnectionEngine(engine=self.get_engine(), create_temp_table=False)
        return self._execution_engine

    def close(self) -> None:
        """Close what was opened here; the connection that was given stays open."""
        if self._execution_engine is not None:
            self._execution_engine.close()
        if self._engine is not None:
            self._engine.dispose()
