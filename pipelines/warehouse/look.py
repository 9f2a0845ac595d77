"""Looks into a finished warehouse: counts and a few rows, as text for a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.releases.names import table_name

_ROWS = 20
_WIDTH = 80


class Look:
    """Reads from a warehouse that nobody writes to at the moment."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take an open connection."""
        self._connection = connection

    def count(self, schema: str, table: str) -> int:
        """Return the number of rows of a table."""
        return self._connection.execute(f"select count(*) from {table_name(schema, table)}").fetchone()[0]

    def preview(self, schema: str, table: str, rows: int = 5) -> str:
        """Return the first rows of a table as a Markdown table."""
        return self.query(f"select * from {table_name(schema, table)}", rows)

    def query(self, sql: str, rows: int = _ROWS) -> str:
        """Return what `sql` gives, at most `rows` rows, as a Markdown table; why not, where it cannot be asked."""
        try:
            result = self._connection.execute(f"select * from ({sql.rstrip().rstrip(';')}\n) limit {int(rows)}")
        except duckdb.Error as error:
            return f"The rows cannot be shown: {error}"
        columns = [column[0] for column in result.description]
        lines = [columns, ["---"] * len(columns), *([_text(value) for value in row] for row in result.fetchall())]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@contextmanager
def looking(database: Path) -> Iterator[Look]:
    """Open a warehouse to look into it, and close it again."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield Look(connection)


def _text(value: object) -> str:
    text = "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
