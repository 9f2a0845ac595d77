"""`rapport verify`."""

from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings
from pipelines.errors import ProofError


@click.command(epilog="Exit codes: 0 all is as it was recorded, 3 something is not, 1 a run was at work meanwhile.")
@options.config
@options.home
@click.option("--known", metavar="SHA256", help="The hash of a line, noted elsewhere: the log has to have it still.")
def verify(config: Path, home: Path | None, known: str | None) -> None:
    """Hold every file of every release, every landed batch and the audit log against what was recorded.

    Lists all that was changed, removed or added, with the file and what to do. Note down the hash it prints where
    nobody who can write here can: `--known` shows later that the log was not written anew.
    """
    settings = load_settings(config, home)
    from pipelines.refresh.verify import verify_home

    found = verify_home(settings.folders, known)
    for note in found.notes:
        click.echo(f"Note: {note}")
    lines = f"{found.head.entries} lines of the audit log" if found.head else "no audit log yet"
    click.echo(f"Verified: {found.releases} releases, {found.batches} landed batches, {lines}.")
    if found.findings:
        raise ProofError("\n".join([f"{len(found.findings)} things are not as they were recorded:", *found.findings]))
    if found.head:
        click.echo(f"All is as it was recorded. The log ends with {found.head.sha256}.")
