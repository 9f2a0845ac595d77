"""Runs dbt inside this process."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.code import project_hash
from pipelines.config import Settings
from pipelines.errors import ConfigError, RapportError
from pipelines.memory import VARIABLE as MEMORY
from pipelines.memory import memory_limit
from pipelines.paths import DBT_PROJECT, STAGING, make_private

DUCKDB = "duckdb"


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
        "min_group": settings.privacy.min_group,
        "enabled_systems": list(settings.systems),
    }


def project_manifest(settings: Settings) -> dict[str, Any]:
    """Return dbt's manifest of the project with these settings; parses only where files or settings have changed."""
    target = settings.folders.warehouse / "dbt"
    file, mark = target / "manifest.json", target / "parsed_for"
    state = json.dumps([version("dbt-core"), project_hash(), _parsed_with(settings)])
    if not (file.is_file() and mark.is_file() and mark.read_text(encoding="utf-8") == state):
        make_private(settings.folders.warehouse)
        target.mkdir(exist_ok=True)
        mark.unlink(missing_ok=True)
        _parse(settings, "--write-json")
        mark.write_text(state, encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


def build(
    settings: Settings, as_of: datetime, on_result: Callable[[NodeResult], None] | None = None
) -> list[NodeResult]:
    """Build every seed, model and data test on the warehouse of `settings`; return what became of each, in order.

    Failures are results, not errors; RapportError is raised when dbt could not start at all.
    """
    return _build(settings, as_of, settings.folders.database, ["--exclude-resource-type", "unit_test"], on_result)


def build_tables(settings: Settings, as_of: datetime, database: Path) -> list[NodeResult]:
    """Build every seed and model, without tests, on a database of the same name elsewhere.

    Returns what became of each; raises RapportError as `build` does.
    """
    return _build(settings, as_of, database, ["--resource-type", "model", "--resource-type", "seed"])


def build_some(settings: Settings, as_of: datetime, database: Path, models: Iterable[str]) -> list[NodeResult]:
    """Build `models` and what they are made of, without tests, on a database of the same name elsewhere.

    Returns what became of each; raises RapportError as `build` does.
    """
    return _build(settings, as_of, database, ["--resource-type", "model", "--select", *(f"+{m}" for m in models)])


def _build(
    settings: Settings,
    as_of: datetime,
    database: Path,
    selection: list[str],
    on_result: Callable[[NodeResult], None] | None = None,
) -> list[NodeResult]:
    arguments = ["--no-write-json", "build", *selection, *_options(settings, variables(settings, as_of))]
    arguments += ["--exclude", *unused_systems(settings)]
    # parsed apart: given the variables of the day, dbt would parse the whole project anew every day
    outcome = _invoke(arguments, database, on_result, _parse(settings))
    return [_result(result) for result in outcome.result.results]


def build_on(
    engine: str,
    settings: Settings,
    as_of: datetime,
    selection: list[str],
    tell: Callable[[str], None] = lambda _: None,
) -> list[NodeResult]:
    """Build what `selection` (options of dbt's build) says with the target `engine`; return what became of each.

    The engine has to be there already: pipelines/spark starts it. `tell` is given a line per node that is done.
    Raises RapportError as `build` does.
    """
    arguments = ["--no-write-json", "build", *selection, *_options(settings, variables(settings, as_of), engine)]
    arguments += ["--exclude", *unused_systems(settings)]
    parse = ["--no-write-json", "parse", *_options(settings, _parsed_with(settings), engine)]
    database = settings.folders.database
    manifest = _invoke(parse, database).result
    outcome = _invoke(arguments, database, lambda one: tell(f"{one.kind} {one.name}: {one.status}"), manifest)
    return [_result(result) for result in outcome.result.results]


def compile_models(settings: Settings, as_of: datetime) -> list[Any]:
    """Return dbt's nodes of all models, compiled for `as_of`; the warehouse must exist. Raises RapportError."""
    arguments = ["--no-write-json", "compile", *_options(settings, variables(settings, as_of))]
    arguments += ["--exclude", *unused_systems(settings)]
    outcome = _invoke(arguments, settings.folders.database, None, _parse(settings))
    return [result.node for result in outcome.result.results]


def unused_systems(settings: Settings) -> list[str]:
    """Return dbt selectors of the staging models that no source needs."""
    folders = sorted(folder.name for folder in STAGING.iterdir() if folder.is_dir())
    return [f"path:models/staging/{name}" for name in folders if name not in settings.systems]


def _parsed_with(settings: Settings) -> dict[str, Any]:
    """The variables at parse time: all that the graph can depend on, and where its files are; not the instant."""
    return {**variables(settings, datetime(2000, 1, 1)), "project": str(DBT_PROJECT)}


def _parse(settings: Settings, *options: str) -> Any:
    """Return dbt's own manifest; what was parsed before is parsed again only where it has changed."""
    # by its name alone, so that homes can share what was parsed; the file is not opened
    database = Path(settings.folders.database.name)
    arguments = [*(options or ["--no-write-json"]), "parse", *_options(settings, _parsed_with(settings))]
    return _invoke(arguments, database).result


def _options(settings: Settings, values: dict[str, Any], engine: str = DUCKDB) -> list[str]:
    # what one engine's adapter has parsed is of no use to another's
    target = settings.folders.warehouse / ("dbt" if engine == DUCKDB else f"dbt-{engine}")
    return [
        *("--target", engine),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(target), "--log-path", str(target / "logs")),
        *("--vars", json.dumps(values)),
    ]


def _invoke(
    arguments: list[str],
    database: Path,
    on_result: Callable[[NodeResult], None] | None = None,
    manifest: Any = None,
) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def listen(event: Any) -> None:
        if on_result and event.info.name == "NodeFinished" and event.data.run_result.status:
            on_result(_finished(event.data))

    settings = {"RAPPORT_DATABASE": str(database), MEMORY: memory_limit()}
    with _environment(**settings, DO_NOT_TRACK="1", DBT_SEND_ANONYMOUS_USAGE_STATS="false"):
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
