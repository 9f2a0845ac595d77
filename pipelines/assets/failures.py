"""Failed steps go into the audit log, whoever started the run."""

import dagster as dg

from pipelines.audit_log import record
from pipelines.config import Settings
from pipelines.errors import ProofError, RapportError


def failure_is_recorded(settings: Settings) -> dg.HookDefinition:
    """Return a hook that records which step of a run failed; why is in the run's own log, which may quote values."""

    @dg.failure_hook(name="failure_is_recorded")
    def hook(context: dg.HookContext) -> None:
        error = context.op_exception
        while error is not None and not isinstance(error, RapportError):
            error = error.__cause__
        record(
            settings.folders.audit_log,
            "run",
            outcome="refused" if isinstance(error, ProofError) else "failed",
            step=context.op.name,
            error=type(error or context.op_exception).__name__,
            run=context.run_id,
        )

    return hook
