"""Runs the job `nightly` in this process: what `rapport run` does."""

import logging
from dataclasses import dataclass

import dagster as dg

from pipelines.assets.instance import use_dagster_home
from pipelines.assets.nightly import JOB, build_definitions
from pipelines.config import Settings
from pipelines.errors import RapportError
from pipelines.releases.catalog import Release, current_release


@dataclass(frozen=True)
class Outcome:
    """What a run led to: the current release, and whether this run published it."""

    release: Release
    is_new: bool


def run_nightly(settings: Settings, rebuild: bool = False) -> Outcome:
    """Run ingest, build, prove and publish; return what readers see now.

    The run is recorded in Dagster's storage like one from its UI. Raises the RapportError of the step that failed.
    """
    home = settings.folders
    use_dagster_home(home.dagster)
    if rebuild:
        home.built_mark.unlink(missing_ok=True)
    before = current_release(home.releases)
    job = build_definitions(settings).resolve_job_def(JOB)
    instant = settings.as_of.isoformat() if settings.as_of else ""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with dg.DagsterInstance.get() as instance:
        try:
            job.execute_in_process(
                run_config={
                    "resources": {"clock": {"config": {"as_of": instant}}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                instance=instance,
            )
        except Exception as error:
            raise _for_people(error) from error
    release = current_release(home.releases)
    if release is None:
        raise RapportError("The run ended without a release. Look at it in the Dagster UI: make ui.")
    return Outcome(release, before is None or before.id != release.id)


def _for_people(error: BaseException) -> BaseException:
    """The RapportError that a step raised, out of what Dagster wrapped around it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RapportError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return error
