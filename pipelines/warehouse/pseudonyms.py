"""Ids that are e-mail addresses: everything behind the landing sees a keyed hash instead, the same wherever it is."""

import duckdb

from pipelines.config import Settings
from pipelines.landing.batches import BatchManifest
from pipelines.privacy.secret import load_secret
from pipelines.releases.names import quote_name, quote_text

_ADDRESS = "@.+[.]"
_OTHERS = {"changed_by"}
_KEY = "(select key from landing.pseudonym_key)"


class Pseudonyms:
    """Says which columns of a batch hold such ids, and how each is read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        """Take the warehouse, in which the key is kept for as long as the warehouse is."""
        self._connection, self._settings = connection, settings
        self.key = ""

    def columns_of(self, batch: BatchManifest) -> set[str]:
        """Return the columns of the batch in which an id is an e-mail address, in lower case."""
        named = [name for name in batch.columns if name.lower().endswith("_id") or name.lower() in _OTHERS]
        if not named or not batch.rows:
            return set()
        tests = ", ".join(f"coalesce(bool_or(regexp_matches({quote_name(n)}, '{_ADDRESS}')), false)" for n in named)
        found = self._connection.execute(f"select {tests} from read_parquet({quote_text(str(batch.rows_file))})")
        personal = {name.lower() for name, yes in zip(named, found.fetchone() or (), strict=True) if yes}
        if personal and not self.key:
            self.key = load_secret(self._settings.folders.pseudonym_key).hash("pseudonyms")
            self._connection.execute(f"create table landing.pseudonym_key as select {quote_text(self.key)} as key")
        return personal

    @staticmethod
    def shown(column: str) -> str:
        """Return SQL for an id column: a pseudonym where the id is an e-mail address, else the id."""
        return (
            f"case when regexp_matches({column}, '{_ADDRESS}') "
            f"then 'P' || upper(substr(sha256({_KEY} || ':' || {column}), 1, 24)) else {column} end"
        )
