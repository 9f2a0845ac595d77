"""`rapport accept`: a person's word for an unusual candidate."""

from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings


@click.command()
@options.config
@options.home
@click.option("--why", required=True, help="Why it is right, in a sentence; it is kept in the audit log.")
@click.argument("release_id")
def accept(config: Path, home: Path | None, why: str, release_id: str) -> None:
    """Accept the candidate RELEASE_ID, which was refused because it looks unusual; then run again.

    Two things ask for a person: deliveries that are unlike those of the nights before (audit.drift), and figures of
    closed periods that change because code or configuration did (audit.restatements). What is wrong, rather than
    unusual, cannot be accepted. Who accepted what, and why, is in the audit log (rapport log).

    \b
    rapport accept 20251231T230000Z-1a2b3c4d --why "All owners were reassigned after the reorganisation of January."
    rapport run
    """
    settings = load_settings(config, home)
    from pipelines.refresh.accept import accept as accept_candidate

    for check in accept_candidate(settings, release_id, why):
        click.echo(f"accepted: {check}")
    click.echo("Run again to publish it: rapport run")
