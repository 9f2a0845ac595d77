"""All of Rapport in Dagster: the assets, the job `nightly` and its schedule."""

import dagster as dg

from pipelines.assets.failures import failure_is_recorded
from pipelines.assets.landing import landing_assets
from pipelines.assets.release import release_assets
from pipelines.assets.resources import Build, Clock, RunLock
from pipelines.assets.warehouse import warehouse_assets
from pipelines.config import Settings
from pipelines.warehouse.dbt import project_manifest

JOB, REPLAY_JOB = "nightly", "replay"


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return the definitions for one configuration. dbt's project is parsed where its manifest is out of date."""
    manifest = project_manifest(settings)
    assets = [*landing_assets(settings), warehouse_assets(settings, manifest), *release_assets(settings, manifest)]
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        hooks={failure_is_recorded(settings)},
        description="Ingest, build, prove, publish: one run, in one process.",
    )
    replay = dg.define_asset_job(
        REPLAY_JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups("landing"),
        executor_def=dg.in_process_executor,
        description="Build, prove, publish what has been landed; no source is read.",
    )
    schedule = dg.ScheduleDefinition(
        name="nightly_schedule",
        job=job,
        cron_schedule="0 2 * * *",
        execution_timezone=settings.company.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Every night at 02:00 in {settings.company.time_zone}.",
    )
    return dg.Definitions(
        assets=assets,
        jobs=[job, replay],
        schedules=[schedule],
        resources={"clock": Clock(), "how": Build(), "run_lock": RunLock(file=str(settings.folders.lock))},
        executor=dg.in_process_executor,
    )
