"""Runs the job `nightly` in this process: what `rapport run` does."""

import logging
from dataclasses import dataclass
from typing import Any

import dagster as dg

from pipelines.assets.instance import use_dagster_home
from pipelines.assets.nightly import JOB, REPLAY_JOB, build_definitions
from pipelines.audit_log import record
from pipelines.config import Settings
from pipelines.errors import ConfigError, ProofError, RapportError, SourceError
from pipelines.refresh.rollback import lift_rollback
from pipelines.releases.catalog import Release, current_release


@dataclass(frozen=True)
class Outcome:
    """What a run led to: the current release, and whether this run published it."""

    release: Release
    is_new: bool


def run_nightly(
    settings: Settings,
    rebuild: bool = False,
    ingest: bool = True,
    full: bool = False,
    verify_incremental: bool = False,
) -> Outcome:
    """Run ingest (unless told not to), build, prove and publish; return what readers see now.

    A `full` build begins anew, and so does one that shall `rebuild`; other ones follow what changed since the last, and
    `verify_incremental` holds that against one that begins anew.
    The run is recorded in Dagster's storage like one from its UI. Raises the RapportError of the step that failed.
    """
    home = settings.folders
    use_dagster_home(home.dagster)
    if rebuild or full:
        home.built_mark.unlink(missing_ok=True)
    if rebuild:
        lift_rollback(home)
    before = current_release(home.releases)
    job = build_definitions(settings).resolve_job_def(JOB if ingest else REPLAY_JOB)
    instant = settings.as_of.isoformat() if settings.as_of else ""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            run_config={
                "resources": {
                    "clock": {"config": {"as_of": instant}},
                    "how": {"config": {"verify_incremental": verify_incremental}},
                },
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            instance=instance,
            raise_on_error=False,
        )
    if not result.success:
        if not any(event.is_step_failure for event in result.all_events):
            record(home.audit_log, "run", outcome="failed", step=None, run=result.run_id)
        raise _failure(result)
    release = current_release(home.releases)
    if release is None:
        raise RapportError("The run ended without a release. Look at it in the Dagster UI: rapport ui.")
    return Outcome(release, before is None or before.id != release.id)


def _failure(result: dg.ExecuteInProcessResult) -> RapportError:
    """The error of the steps that failed, one paragraph each: that of the first decides how the command ends."""
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    if not errors:
        errors = [event.job_failure_data.error for event in result.all_events if event.is_job_failure]
    found = [_for_people(error) for error in errors if error]
    if not found:
        return RapportError(f"Run {result.run_id} failed and did not say why. Look at it in the UI: rapport ui.")
    return type(found[0])("\n".join(dict.fromkeys(str(error) for error in found)))


def _for_people(error: Any) -> RapportError:
    """The RapportError that a step raised, out of what Dagster recorded; any other error as it is."""
    known = {kind.__name__: kind for kind in (RapportError, ConfigError, SourceError, ProofError)}
    innermost = error
    while innermost.cls_name not in known and innermost.cause:
        innermost = innermost.cause
    kind = known.get(innermost.cls_name or "")
    if kind:
        return kind(innermost.message.partition(": ")[2].strip())
    return RapportError(f"Something failed that should not have:\n{innermost.to_string().strip()}")
