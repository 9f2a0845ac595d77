"""What the command shows: progress while it works, and a short summary at the end."""

import csv
import sys
import time
from collections import Counter
from types import TracebackType

import click
from rich.console import Console
from rich.table import Table

from pipelines.assets.run import Outcome
from pipelines.config import Settings
from pipelines.progress import listening
from pipelines.releases.catalog import query
from pipelines.releases.names import CHECKS

_STEPS = ("ingest", "build", "prove", "publish")


class Progress:
    """Prints what is said, one line each, with the seconds since the start; on a terminal, models rewrite one line."""

    def __init__(self, quiet: bool) -> None:
        """Say nothing but errors if `quiet`."""
        self._quiet = quiet
        self._started = time.monotonic()
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._moments: list[tuple[str, float]] = []
        self._counts: Counter[str] = Counter()
        self._listening = listening(self._hear)

    @property
    def timings(self) -> dict[str, float]:
        """Seconds by step, from the first to the last thing that it said."""
        found: dict[str, float] = {}
        ends = [*self._moments[1:], ("end", time.monotonic() - self._started)]
        for (step, begun), (_, ended) in zip(self._moments, ends, strict=True):
            found[step] = found.get(step, 0.0) + ended - begun
        return {"start": self._moments[0][1] if self._moments else 0.0, **found}

    def __enter__(self) -> "Progress":
        """Start listening."""
        self._listening.__enter__()
        self._hear("start", "reading the configuration and the models")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._listening.__exit__(kind, error, trace)

    def _hear(self, step: str, message: str) -> None:
        seconds = time.monotonic() - self._started
        self._moments.append((step, seconds))
        self._counts[step] += 1
        finished = message.endswith((": success", ": pass"))
        if self._quiet or (step == "build" and finished and self._counts[step] % 20):
            return
        if step == "build" and finished:
            message = f"{self._counts[step]} models and tests done"
        self._console.print(f"[dim]{seconds:6.1f} s[/dim]  {step:<8} {message}", markup=True)


def print_summary(settings: Settings, outcome: Outcome, timings: dict[str, float] | None) -> None:
    """Print release, marts and rows, checks, quarantined rows, and where to read more."""
    manifest = outcome.release.manifest
    releases = settings.folders.releases
    console = Console(highlight=False, soft_wrap=True)
    if outcome.is_new:
        console.print(f"[bold]Published release {outcome.release.id}[/bold], as of {manifest['as_of'][:16]} UTC.")
    else:
        console.print(f"[bold]Nothing new[/bold]: release {outcome.release.id} stays the current one.")
    marts = {name: table["rows"] for name, table in manifest["tables"].items() if name.startswith("marts.")}
    for name, rows in marts.items():
        console.print(f"  {name.removeprefix('marts.'):<28} {rows:>9,} rows")
    console.print(f"Checks: {manifest['verdict']['checks']} expectations, all passed.")
    pages = outcome.release.folder / CHECKS / "index.html"
    if pages.is_file():
        console.print(f"The checks as pages: {pages}")
    _, found = query(releases, "select reason_code, count(*) from audit.quarantine group by 1 order by 2 desc, 1")
    total = sum(count for _, count in found)
    reasons = ", ".join(f"{count} {reason}" for reason, count in found)
    console.print(f"Quarantined rows: {total}" + (f" ({reasons}); see: rapport quarantine list" if total else "."))
    console.print(f"Readers open {releases / 'current' / 'marts.duckdb'} (or parquet/ beside it).")
    if timings:
        console.print("Time: " + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in timings.items()))


def print_rows(columns: list[str], rows: list[tuple], form: str) -> None:
    """Print the answer of a query as a table, or as CSV with a header."""
    if form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows(rows)
        return
    table = Table(*columns, highlight=False)
    for row in rows[:1000]:
        table.add_row(*("" if value is None else str(value) for value in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        # nothing is cut off in a file or a pipe
        console.width = 1000
    console.print(table)
    if len(rows) > 1000:
        click.echo(f"{len(rows):,} rows, the first 1,000 shown; --format csv shows all.")
