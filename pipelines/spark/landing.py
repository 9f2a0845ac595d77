"""Gives Spark what was landed: the schema `landing` that the warehouse registers, as Parquet files."""

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.config import Settings
from pipelines.landing.batches import BatchManifest
from pipelines.releases.names import quote_name, quote_text
from pipelines.warehouse.register import register

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SCHEMA = "landing"


def export_landing(settings: Settings, batches: list[BatchManifest], folder: Path) -> list[str]:
    """Write each relation of schema `landing` over `batches` to `folder`/<name>.parquet; return the names, sorted.

    They are what `register` makes of the batches: with corrections applied, and with what is erased gone. The files
    hold personal data, as the landing does: `folder` has to be one that only its owner can enter.
    """
    database = folder / "register.duckdb"
    register(database, settings, batches)
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute(
            "select table_name from information_schema.tables where table_schema = ? order by table_name", [_SCHEMA]
        )
        names = [name for (name,) in found.fetchall()]
        for name in names:
            target = quote_text(str(folder / f"{name}.parquet"))
            connection.execute(f"copy {_SCHEMA}.{quote_name(name)} to {target} (format parquet)")
    database.unlink()
    return names


def register_landing(session: "SparkSession", folder: Path, names: list[str]) -> None:
    """Create schema `landing` in `session` over the files that `export_landing` wrote to `folder`."""
    session.sql(f"create schema if not exists {_SCHEMA}")
    for name in names:
        path = str(folder / f"{name}.parquet").replace("'", "''")
        session.sql(f"create table {_SCHEMA}.`{name}` using parquet location '{path}'")
