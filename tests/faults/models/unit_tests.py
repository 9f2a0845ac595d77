"""dbt's unit tests, compiled once."""

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from pipelines.config import load_settings
from pipelines.warehouse.dbt import unused_systems
from tests.faults.models.project import UnitTest
from tests.integration.test_dbt_unit_tests import CONFIG, dbt_results


def compile_unit_tests(database: Path, models: list[str] | None = None) -> list[UnitTest]:
    """Return the unit tests of `models`, or all, compiled for a warehouse that has the tables in `database`.

    Those of systems whose tables the warehouse of the demo does not have are left out.
    They are run, with the settings that they are written for, and have to pass. `database` is not touched.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rapport.yml").write_text(CONFIG, encoding="utf-8")
        settings = load_settings(folder / "rapport.yml", home=folder / "home")
        settings.folders.warehouse.mkdir(parents=True)
        shutil.copyfile(database, settings.folders.database)
        chosen = [f"{model},test_type:unit" for model in models or []] or ["test_type:unit"]
        left_out = unused_systems(settings)
        results = dbt_results(settings, folder / "target", "test", "--select", *chosen, "--exclude", *left_out)
        failed = [f"{result.node.name}: {result.message}" for result in results if str(result.status) != "pass"]
        assert not failed, failed
        return [_compiled(result.node) for result in results]


def _compiled(node: object) -> UnitTest:
    rows = node.config.expected_rows or []
    return UnitTest(
        node.name, node.tested_node_unique_id.split(".")[-1], node.compiled_code, tuple(rows[0] if rows else ())
    )


def kept_unit_tests(database: Path, file: Path) -> list[UnitTest]:
    """Return all unit tests from `file`; compile them into it if it is not there."""
    if not file.is_file():
        file.write_text(json.dumps([asdict(test) for test in compile_unit_tests(database)]), encoding="utf-8")
    return [UnitTest(**{**test, "columns": tuple(test["columns"])}) for test in json.loads(file.read_text("utf-8"))]
