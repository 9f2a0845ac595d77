"""The nights that both engines build, and building them."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.config import Settings, load_settings
from pipelines.demo.write import generate
from pipelines.landing.ingest import ingest_source
from pipelines.refresh.plan import Plan, make_plan
from pipelines.refresh.steps import build_warehouse, check_built
from pipelines.releases.names import quote_text
from pipelines.spark.build import built_on_spark
from tests.parity.compare import Compared, compare
from tests.support import configured

_INSTANTS = (
    datetime(2025, 12, 29, 23, tzinfo=UTC),
    datetime(2025, 12, 30, 23, tzinfo=UTC),
    datetime(2025, 12, 31, 23, tzinfo=UTC),
)
# the sources are read some time after midnight
_READ_AFTER = timedelta(hours=2)


@dataclass(frozen=True)
class Night:
    """What the sources deliver when: without mistakes before the last night, which has all that the demo plants."""

    as_of: datetime
    is_last: bool


def nights(count: int) -> list[Night]:
    """Return the last `count` nights, the first one an initial load."""
    return [Night(as_of, as_of == _INSTANTS[-1]) for as_of in _INSTANTS[-count:]]


MOST = len(_INSTANTS)


def deliver(night: Night, folder: Path, scale: float) -> tuple[Settings, Plan]:
    """Write the sources of `night` below `folder`, land them, and return what is to be built."""
    shutil.rmtree(folder / "demo", ignore_errors=True)
    generate(folder / "demo", scale=scale, at=None if night.is_last else night.as_of + _READ_AFTER)
    settings = load_settings(configured(folder), as_of=night.as_of.isoformat())
    for source in settings.sources:
        ingest_source(source, settings.folders.landing, night.as_of, lambda _: None)
    return settings, make_plan(settings, night.as_of)


def compared(settings: Settings, plan: Plan, tell) -> list[Compared]:
    """Build `plan` on DuckDB and on Spark; return the comparison of every model and seed, views too."""
    tell("building on DuckDB")
    check_built(build_warehouse(settings, plan))
    with built_on_spark(settings, plan, with_tests=False, tell=lambda _: None) as spark:
        check_built(spark.results)
        nodes = [(result.node.schema, result.node.alias) for result in spark.results]
        views = [result.node for result in spark.results if result.node.config.materialized == "view"]
        for node in views:
            target = spark.tables / f"{node.schema}.db" / node.alias
            spark.session.table(f"`{node.schema}`.`{node.alias}`").write.parquet(str(target))
    tell(f"comparing {len(nodes)} tables and views")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {quote_text(str(settings.folders.database))} as warehouse (read_only)")
        connection.execute("use warehouse")
        return [
            compare(connection, schema, name, spark.tables / f"{schema}.db" / name) for schema, name in sorted(nodes)
        ]
