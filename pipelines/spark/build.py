"""Builds the models on Spark from what was landed: the same models, beside the warehouse and instead of it."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.config import Settings
from pipelines.landing.batches import verify_batch
from pipelines.paths import make_private
from pipelines.refresh.plan import Plan
from pipelines.spark.landing import export_landing, register_landing
from pipelines.spark.session import MASTER, spark_session
from pipelines.warehouse.dbt import NodeResult, build_on

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_FOLDER = "spark"
_WITH_TESTS = ("--exclude-resource-type", "unit_test")
_WITHOUT_TESTS = ("--resource-type", "model", "--resource-type", "seed")


@dataclass(frozen=True)
class SparkBuild:
    """The session in which the models were built, where its tables lie, and what became of each model and test."""

    session: "SparkSession"
    tables: Path
    results: list[NodeResult]


@contextmanager
def built_on_spark(
    settings: Settings,
    plan: Plan,
    master: str = MASTER,
    options: Mapping[str, str] | None = None,
    with_tests: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[SparkBuild]:
    """Give the models of `plan`, built on Spark into the folder `warehouse/spark`, while the session is open.

    What an earlier build left there is removed first. Tables are Parquet, in a folder per schema (`core.db`) and table;
    they hold personal data, as the warehouse does. `master` and `options` are Spark's. Failed models and tests are
    results. Raises ConfigError where Spark is missing, RapportError where a batch is not what was landed.
    """
    folder = make_private(settings.folders.warehouse) / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    landing = make_private(folder) / "landing"
    landing.mkdir()
    for batch in plan.batches:
        verify_batch(batch)
    with spark_session(folder, master, options) as session:
        # imports Spark, which the line above says in a sentence is missing
        from pipelines.spark.adapter import adapt

        tell(f"giving {len(plan.batches)} landed batches to Spark {session.version} ({master})")
        register_landing(session, landing, export_landing(settings, list(plan.batches), landing))
        tell("building")
        adapt()
        results = build_on("spark", settings, plan.as_of, list(_WITH_TESTS if with_tests else _WITHOUT_TESTS), tell)
        yield SparkBuild(session, folder / "tables", results)
