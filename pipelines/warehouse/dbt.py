"""Runs dbt inside this process."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.code import project_hash
from pipelines.config import Settings
from pipelines.errors import ConfigError, RapportError
from pipelines.paths import DBT_PROJECT, STAGING


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test. `failures` counts the failing rows of a test."""

    unique_id: str
    name: str
    kind: str
    status: str
    message: str
    failures: int
    seconds: float
    node: Any

    @property
    def ok(self) -> bool:
        """Whether the node was built, or the test passed."""
        return self.status in ("success", "pass")


def variables(settings: Settings, as_of: datetime) -> dict[str, Any]:
    """Return the variables that a run passes to the models; `as_of` is given to them as naive UTC."""
    return {
        "as_of": as_of.replace(tzinfo=None).isoformat(),
        "company_name": settings.company.name,
        "reporting_currency": settings.company.currency,
        "time_zone": settings.company.time_zone,
        "fiscal_year_start": settings.company.fiscal_year_start,
        **settings.metrics.model_dump(mode="json"),
        "max_quarantined_share": settings.quality.max_quarantined_share,
        "enabled_systems": list(settings.systems),
    }


def project_manifest(settings: Settings, as_of: datetime) -> dict[str, Any]:
    """Return dbt's manifest of the project with these settings, as JSON; parses only where it must."""
    return json.loads((_parsed(settings, as_of) / "manifest.json").read_text(encoding="utf-8"))


def build(
    settings: Settings, as_of: datetime, on_result: Callable[[NodeResult], None] | None = None
) -> list[NodeResult]:
    """Build every seed, model and data test on the warehouse of `settings`; return what became of each, in order.

    Failures are results, not errors; RapportError is raised when dbt could not start at all.
    """
    target = _parsed(settings, as_of)
    arguments = ["build", "--exclude-resource-type", "unit_test", *_options(settings, as_of, target)]
    arguments += ["--exclude", *unused_systems(settings)]
    outcome = _invoke(arguments, on_result, settings.folders.database, _load_manifest(target))
    return [_result(result) for result in outcome.result.results]


def _parsed(settings: Settings, as_of: datetime) -> Path:
    """Return the folder with dbt's parse of the project; parses where files or variables have changed.

    dbt would parse anew for every instant and every place of the database, which takes longer than all models do. A
    parse depends on neither: they are rendered when a model is compiled.
    """
    target = settings.folders.warehouse / "dbt"
    mark = target / "parsed_for"
    values = {name: value for name, value in variables(settings, as_of).items() if name != "as_of"}
    state = f"{project_hash()} {DBT_PROJECT} {json.dumps(values, sort_keys=True)}"
    if not (mark.is_file() and mark.read_text(encoding="utf-8") == state):
        target.mkdir(parents=True, exist_ok=True)
        mark.unlink(missing_ok=True)
        _invoke(["parse", "--no-partial-parse", *_options(settings, as_of, target)], None, settings.folders.database)
        mark.write_text(state, encoding="utf-8")
    return target


def _load_manifest(target: Path) -> Any:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    content = (target / "partial_parse.msgpack").read_bytes()
    manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    # what dbt does itself after it has loaded this file
    manifest.build_parent_and_child_maps()
    manifest.build_flat_graph()
    return manifest


def unused_systems(settings: Settings) -> list[str]:
    """Return dbt selectors of the staging models that no source needs."""
    folders = sorted(folder.name for folder in STAGING.iterdir() if folder.is_dir())
    return [f"path:models/staging/{name}" for name in folders if name not in settings.systems]


def _options(settings: Settings, as_of: datetime, target: Path) -> list[str]:
    return [
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(target), "--log-path", str(target / "logs")),
        *("--vars", json.dumps(variables(settings, as_of))),
    ]


def _invoke(
    arguments: list[str],
    on_result: Callable[[NodeResult], None] | None,
    database: Path,
    manifest: Any = None,
) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def listen(event: Any) -> None:
        if on_result and event.info.name == "NodeFinished" and event.data.run_result.status:
            on_result(_finished(event.data))

    with _environment(RAPPORT_DATABASE=str(database), DO_NOT_TRACK="1", DBT_SEND_ANONYMOUS_USAGE_STATS="false"):
        try:
            outcome = dbtRunner(manifest=manifest, callbacks=[listen]).invoke(
                ["--quiet", "--no-use-colors", "--log-level", "none", *arguments]
            )
        finally:
            # dbt leaves the database open, and nothing else could open the file
            DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        error = ConfigError if "is undefined" in str(outcome.exception) else RapportError
        raise error(f"dbt could not run the models: {outcome.exception}") from outcome.exception
    return outcome


def _finished(data: Any) -> NodeResult:
    info, result = data.node_info, data.run_result
    return NodeResult(
        unique_id=info.unique_id,
        name=info.node_name,
        kind=info.resource_type,
        status=info.node_status,
        message=result.message,
        failures=result.num_failures or 0,
        seconds=result.execution_time,
        node=None,
    )


def _result(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        kind=str(result.node.resource_type),
        status=str(result.status),
        message=result.message or "",
        failures=result.failures or 0,
        seconds=result.execution_time,
        node=result.node,
    )


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
