"""What every step of a run shares: its instant, and the lock that keeps other runs away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pydantic import Field

from pipelines.config import Settings, parse_instant, run_instant
from pipelines.refresh.lock import only_run


class Clock(dg.ConfigurableResource):
    """The instant that a run's figures are as of."""

    as_of: str = Field(
        default="",
        description="ISO 8601, in the company's time zone unless it names an offset. Empty: what the configuration "
        "says, or else the last midnight before the run was created.",
    )

    def instant(self, context: dg.AssetExecutionContext, settings: Settings) -> datetime:
        """Return the as_of (aware, UTC) of the run: the same for all its steps."""
        if self.as_of:
            return parse_instant(self.as_of, settings.company.time_zone)
        record = context.instance.get_run_record_by_id(context.run.run_id)
        created = record.create_timestamp if record else datetime.now(UTC)
        return run_instant(settings, created if created.tzinfo else created.replace(tzinfo=UTC))


class Build(dg.ConfigurableResource):
    """How the warehouse is built."""

    verify_incremental: bool = Field(
        default=False,
        description="Build everything anew beside what followed on the last build, and stop where a table differs.",
    )


class RunLock(dg.ConfigurableResource):
    """Held from the first to the last step of a run."""

    file: str

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["RunLock"]:
        """Hold the lock while the run's steps work. Raises RapportError when another run holds it."""
        with only_run(Path(self.file)):
            yield self
