"""Builds the warehouse on Spark."""

from datetime import datetime

from pipelines.config import Settings
from pipelines.warehouse.dbt import NodeResult, build_on

ENGINE = "spark"


def build(settings: Settings, as_of: datetime, selection: list[str]) -> list[NodeResult]:
    """Build what `selection` says in the session that is open; return what became of each node."""
    from pipelines.spark.adapter import adapt

    adapt()
    return build_on(ENGINE, settings, as_of, selection)
