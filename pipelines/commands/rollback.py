"""`rapport rollback`."""

from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings


@click.command()
@options.config
@options.home
@click.option("--why", required=True, help="The reason; the audit log keeps it.")
@click.argument("release_id", metavar="ID")
def rollback(config: Path, home: Path | None, why: str, release_id: str) -> None:
    """Let readers see the release ID again, for example: rapport rollback 20260101T000000Z-1a2b3c4d --why "..."

    ID is verified first, and readers are switched in one step. The next run publishes only if sources, configuration or
    code have changed since what was rolled back; `rapport run --rebuild` publishes it all the same.
    """
    settings = load_settings(config, home)
    from pipelines.refresh.rollback import roll_back

    release = roll_back(settings.folders, release_id, why)
    click.echo(f"Release {release.id} is current, as of {release.manifest['as_of'][:16]} UTC.")
