"""Every model with a rule in it has dbt unit tests beside it (`*_unit_tests.yml`); here each of them is run."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.config import Settings, load_settings
from pipelines.paths import DBT_PROJECT, STAGING
from pipelines.warehouse.dbt import variables
from pipelines.warehouse.register import register

pytestmark = pytest.mark.xdist_group("unit_tests")

CONFIG = """
company: {name: Example, currency: EUR}
as_of: 2026-01-01T00:00:00
sources:
  - {name: example, system: generic, kind: files, location: source}
"""


def declared() -> list[str]:
    files = sorted(DBT_PROJECT.glob("models/**/*_unit_tests.yml"))
    tests = [test for file in files for test in yaml.safe_load(file.read_text(encoding="utf-8"))["unit_tests"]]
    return [f"{test['model']}.{test['name']}" for test in tests]


def run_dbt(settings: Settings, target: Path, *arguments: str) -> dict[str, tuple[str, str]]:
    """Return what became of each node: name -> status and message."""
    return {
        result.node.unique_id.split(".", 2)[2]: (str(result.status), result.message or "")
        for result in dbt_results(settings, target, *arguments)
    }


def dbt_results(settings: Settings, target: Path, *arguments: str) -> list[Any]:
    """Return dbt's results, one for each node."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    options = [
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(target), "--log-path", str(target / "logs")),
        *("--vars", json.dumps(variables(settings, settings.as_of))),
    ]
    with environment(RAPPORT_DATABASE=str(settings.folders.database), DO_NOT_TRACK="1"):
        try:
            outcome = dbtRunner().invoke(["--quiet", "--no-use-colors", "--log-level", "none", *arguments, *options])
        finally:
            DuckDBConnectionManager.close_all_connections()
    assert outcome.exception is None, outcome.exception
    return list(outcome.result.results)


def with_every_system(settings: Settings) -> Settings:
    """The settings with a source of each system: their staging models have unit tests, and need the landed tables."""
    (source,) = settings.sources
    systems = sorted(folder.name for folder in STAGING.iterdir() if folder.is_dir())
    sources = tuple(source.model_copy(update={"name": name, "system": name}) for name in systems)
    return settings.model_copy(update={"sources": sources})


@contextmanager
def environment(**values: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setitem(os.environ, name, value)
        yield


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """What became of each unit test, run on a warehouse in which nothing was ever landed."""
    folder = tmp_path_factory.mktemp("unit_tests")
    (folder / "rapport.yml").write_text(CONFIG, encoding="utf-8")
    settings = load_settings(folder / "rapport.yml", home=folder / "home")
    register(settings.folders.database, with_every_system(settings), [])
    kinds = ("--resource-type", "seed", "--resource-type", "model")
    models = run_dbt(settings, folder / "target", "build", "--empty", *kinds)
    unbuilt = {name: message for name, (status, message) in models.items() if status != "success"}
    assert not unbuilt, f"not even an empty warehouse could be built: {unbuilt}"
    return run_dbt(settings, folder / "target", "test", "--select", "test_type:unit")


def test_every_rule_of_a_model_holds(outcomes: dict[str, tuple[str, str]]):
    broken = [f"{name}: {status}: {message}" for name, (status, message) in outcomes.items() if status != "pass"]
    assert not broken, "\n".join(broken)


def test_no_unit_test_is_left_out(outcomes: dict[str, tuple[str, str]]):
    names = declared()
    assert len(names) == len(set(names))
    assert set(outcomes) == set(names)
