"""A Spark session that reads SQL as the models are written, and keeps its tables below one folder."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = "local[2]"

_SQL = {
    # names in double quotes, errors instead of silent NULLs, and instants in UTC whatever the machine's zone is
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.sources.default": "parquet",
    # Spark 4.3 cannot send a fused union of joins to its workers: ClassCastException of UnionExec.children
    "spark.sql.codegen.wholeStage.union.enabled": "false",
}
# One machine: nothing that listens to others, and as many parts of a shuffle as there are processors, not two hundred.
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "3g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.catalogImplementation": "in-memory",
}


@contextmanager
def spark_session(
    folder: Path, master: str = MASTER, options: Mapping[str, str] | None = None
) -> Iterator["SparkSession"]:
    """Give a session whose tables lie below `folder`/tables; it ends afterwards, and so do its tables' names.

    `options` are settings of Spark beside or instead of those here. Raises ConfigError where Spark or Java is missing.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise ConfigError("Spark is not installed. Install the group: pip install 'rapport-crm[spark]'.") from None
    is_local = master.startswith("local")
    if is_local:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        **_SQL,
        **(_LOCAL if is_local else {}),
        "spark.sql.warehouse.dir": str(folder / "tables"),
        **({"spark.local.dir": str(folder / "spill")} if is_local else {}),
        **(options or {}),
    }
    builder = SparkSession.builder.master(master).appName("rapport")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise ConfigError(f"Spark did not start: {error} It needs Java 17 or newer; see docs/scaling.md.") from None
    session.sparkContext.setLogLevel("FATAL")
    try:
        yield session
    finally:
        session.stop()
