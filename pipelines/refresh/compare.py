"""Puts into a candidate how it differs from the release before it, why, and whether that is usual."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from pipelines.config import Settings
from pipelines.drift.files import old_files
from pipelines.drift.measure import measure
from pipelines.drift.table import drift_table, past_readings
from pipelines.errors import RapportError
from pipelines.refresh.accept import is_accepted
from pipelines.refresh.plan import Plan
from pipelines.releases.catalog import Release
from pipelines.releases.names import DATABASE, quote_text
from pipelines.restatements import causes as cause
from pipelines.restatements.changes import CHANGED_ROWS, deliveries
from pipelines.restatements.explain import Between, compared, explain
from pipelines.restatements.figures import PARTS
from pipelines.restatements.rebuild import load_models, models_of
from pipelines.scratch import in_memory
from pipelines.warehouse import dbt

_FIGURES = "step, cause, mart, period_grain, period_start, member, metric, before, after, part"


def record_comparison(settings: Settings, plan: Plan, candidate: Path) -> dict[str, int]:
    """Fill audit.drift, audit.restatements and audit.restated_rows of the database in the folder `candidate`.

    Returns the number of figures of closed periods that each cause changed since the current release; nothing where
    there is none. Raises RapportError where the release before or the landing cannot be read.
    """
    if plan.current is None:
        return {}
    two = between(settings, plan, plan.current, candidate, plan.code_version)
    until = plan.as_of.astimezone(ZoneInfo(settings.company.time_zone)).date()
    past = past_readings(settings.folders.releases)
    accepted = is_accepted(settings.folders.audit_log, plan.release_id)
    known = inputs_of(plan.current)
    delivered = deliveries(list(plan.batches), known)
    with compared(settings.folders.database, two.models, delivered) as comparison:
        readings = measure(comparison, two.closed_by, until, past) + old_files(plan.batches, known)
        explain(comparison, two, closed_only=True)
        connection = comparison.connection
        closed = f"(select * replace ({label_sql('cause')} as cause) from {PARTS} where is_closed)"
        counted = connection.execute(
            f"select cause, count(*) from {closed} group by cause order by min(step)"
        ).fetchall()
        tables = {
            "drift": drift_table(readings, settings.quality.drift_false_alarms, accepted),
            "restatements": connection.execute(
                f"select {_FIGURES}, {accepted} as is_accepted from {closed} order by all"
            ).to_arrow_table(),
            "restated_rows": connection.execute(_behind(two.closed_by.isoformat(), bool(counted))).to_arrow_table(),
        }
    _write(candidate / DATABASE, tables)
    return dict(counted)


def _write(database: Path, tables: dict[str, pa.Table]) -> None:
    try:
        with in_memory() as target:
            target.execute(f"attach {quote_text(str(database))} as candidate")
            target.execute("use candidate")
            for name, content in tables.items():
                target.register("content", content)
                target.execute(f"insert into audit.{name} by name select * from content")
                target.unregister("content")
            target.execute("checkpoint candidate")
    except duckdb.Error as error:
        raise RapportError(f"{database}: the comparison with the last release cannot be written: {error}") from None


def between(settings: Settings, plan: Plan, earlier: Release, later: Path, later_code: str) -> Between:
    """Return what lies between two releases: `earlier`, and that in the folder `later`, which `plan` builds.

    `settings` are those of a home whose warehouse was built by `plan`; `later_code` is the version of the code that
    the later release was made with.
    """
    manifest = earlier.manifest
    then = datetime.fromisoformat(manifest["as_of"])
    same_rules = manifest["code_version"] == plan.code_version and manifest["config"] == _as_json(plan.config)
    return Between(
        earlier=earlier.folder / DATABASE,
        later=later / DATABASE,
        models=load_models(settings.folders.built_models),
        models_then=None if same_rules else models_of(dbt.compile_models(settings, then)),
        later_rules_differ=later_code != plan.code_version,
        same_instant=then == plan.as_of,
        closed_by=then.astimezone(ZoneInfo(settings.company.time_zone)).date(),
        manifest=dbt.project_manifest(settings),
    )


def inputs_of(release: Release) -> set[tuple[str, str, str]]:
    """Return (source, table, batch id) of what `release` was made from."""
    return {(one["source"], one["table"], one["batch_id"]) for one in release.manifest["inputs"]}


def _as_json(config: dict) -> dict:
    return json.loads(json.dumps(config, default=str))


def label_sql(column: str, is_closed: str = "true") -> str:
    """Return SQL for how the cause in `column` is called: new rows in a period that was closed came late."""
    late = f"{column} = {quote_text(cause.NEW_ROWS)} and {is_closed}"
    return f"case when {late} then {quote_text(cause.LATE)} else {column} end"


def _behind(closed_by: str, is_changed: bool) -> str:
    """The rows behind: of new ones those that tell of a closed day, or all, where none does."""
    if not is_changed:
        return "select null as cause where false"
    early = f"happened_on is null or happened_on < date {quote_text(closed_by)}"
    return f"""
        with late as (
            select *, coalesce({early}, true) as is_early,
                bool_or(coalesce({early}, true)) over (partition by cause) as has_early
            from {CHANGED_ROWS}
        )
        select * exclude (is_early, has_early) replace ({label_sql("cause")} as cause)
        from late
        where cause <> {quote_text(cause.NEW_ROWS)} or is_early or not has_early
        order by all
    """
