"""Runs dbt on the project for PostgreSQL."""

import json
from pathlib import Path
from typing import Any

from benchmarks.steps import say
from pipelines.config import Settings
from pipelines.warehouse.dbt import unused_systems, variables


def build(project: Path, settings: Settings) -> dict[str, dict[str, Any]]:
    """Build the seed and every model that runs; return by `schema.table` its status, seconds, kind and message."""
    from dbt.cli.main import dbtRunner

    begun = False

    def listen(event: Any) -> None:
        nonlocal begun
        if event.info.name == "NodeStart" and not begun:
            begun = True
            say("build", "models")

    arguments = ["--quiet", "--no-use-colors", "--no-write-json", "build", "--exclude-resource-type", "unit_test"]
    arguments += ["--exclude-resource-type", "test", "--vars", json.dumps(variables(settings, settings.as_of))]
    arguments += ["--project-dir", str(project), "--profiles-dir", str(project)]
    arguments += ["--target-path", str(project / "target"), "--log-path", str(project / "logs")]
    outcome = dbtRunner(callbacks=[listen]).invoke([*arguments, "--exclude", *unused_systems(settings)])
    if outcome.exception is not None:
        raise outcome.exception
    return {
        f"{result.node.schema}.{result.node.alias}": {
            "id": result.node.unique_id,
            "status": str(result.status),
            "seconds": result.execution_time,
            "kind": str(result.node.config.materialized),
            "message": result.message or "",
        }
        for result in outcome.result.results
    }
