"""Puts into a candidate what changed since the release before it, and why."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from pipelines.config import Settings
from pipelines.errors import RapportError
from pipelines.refresh.plan import Plan
from pipelines.releases.catalog import Release
from pipelines.releases.names import DATABASE, quote_text
from pipelines.restatements import causes as cause
from pipelines.restatements.changes import CHANGED_ROWS
from pipelines.restatements.explain import Between, explained
from pipelines.restatements.figures import PARTS
from pipelines.restatements.rebuild import load_models, models_of
from pipelines.warehouse import dbt

_FIGURES = "step, cause, mart, period_grain, period_start, member, metric, before, after, part"


def record_restatements(settings: Settings, plan: Plan, candidate: Path) -> dict[str, int]:
    """Fill audit.restatements and audit.restated_rows of the database in the folder `candidate`.

    Returns the number of figures of closed periods that each cause changed since the current release; nothing where
    there is none. Raises RapportError where the release before or the landing cannot be read.
    """
    if plan.current is None:
        return {}
    two = between(settings, plan, plan.current, candidate, plan.code_version)
    with explained(settings.folders.database, two, closed_only=True) as connection:
        closed = f"from (select * replace ({label_sql('cause')} as cause) from {PARTS} where is_closed)"
        parts = connection.execute(f"select {_FIGURES} {closed} order by all").to_arrow_table()
        counted = connection.execute(f"select cause, count(*) {closed} group by cause order by min(step)").fetchall()
        rows = connection.execute(_behind(two.closed_by.isoformat(), bool(parts.num_rows))).to_arrow_table()
    try:
        with duckdb.connect() as target:
            target.execute(f"attach {quote_text(str(candidate / DATABASE))} as candidate")
            target.execute("use candidate")
            for name, content in (("restatements", parts), ("restated_rows", rows)):
                target.register("content", content)
                target.execute(f"insert into audit.{name} by name select * from content")
                target.unregister("content")
            target.execute("checkpoint candidate")
    except duckdb.Error as error:
        raise RapportError(f"{candidate / DATABASE}: the restatements cannot be written: {error}") from None
    return dict(counted)


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
        batches=list(plan.batches),
        known={(one["source"], one["table"], one["batch_id"]) for one in manifest["inputs"]},
        models=load_models(settings.folders.built_models),
        models_then=None if same_rules else models_of(dbt.compile_models(settings, then)),
        later_rules_differ=later_code != plan.code_version,
        same_instant=then == plan.as_of,
        closed_by=then.astimezone(ZoneInfo(settings.company.time_zone)).date(),
        manifest=dbt.project_manifest(settings),
    )


def _as_json(config: dict) -> dict:
    return json.loads(json.dumps(config, default=str))


def label_sql(column: str) -> str:
    """Return SQL for how the cause in `column` is called of a closed period: new rows came late."""
    return f"case {column} when {quote_text(cause.NEW_ROWS)} then {quote_text(cause.LATE)} else {column} end"


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
