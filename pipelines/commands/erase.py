"""`rapport erase`: removes a person from everything that Rapport holds."""

from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings
from pipelines.errors import ConfigError


@click.command()
@options.config
@options.home
@click.option("--customer", metavar="NUMBER", help="Number of the customer: all its accounts.")
@click.option("--source", help="Name of the source, with --entity and --id.")
@click.option("--entity", type=click.Choice(["account", "contact", "lead", "user"]))
@click.option("--id", "member", help="Id in that source. An account stands for all accounts of its customer.")
@click.option("--why", required=True, help="Recorded in the audit log, for example the number of the request.")
def erase(
    config: Path,
    home: Path | None,
    customer: str | None,
    source: str | None,
    entity: str | None,
    member: str | None,
    why: str,
) -> None:
    """Erase a person from landing, warehouse and restricted editions; figures do not change.

    \b
    rapport erase --customer C0123456789ABCDEF --why "request 17"
    rapport erase --source crm --entity contact --id 4711 --why "request 18"
    """
    if bool(customer) == bool(source and entity and member):
        raise ConfigError("Say who: either --customer, or --source, --entity and --id.")
    settings = load_settings(config, home)
    from pipelines.privacy.erase import Request, erase

    done = erase(settings, Request(why, source, entity, member, customer), click.echo)
    members = ", ".join(f"{count} {name}" for name, count in done.members.items())
    click.echo(
        f"Erased: {members}. {done.rows} rows and lines in {done.batches} batches, restricted edition of "
        f"{len(done.releases)} releases; the warehouse was removed, and the next run builds it anew."
    )
    click.echo(
        "The source's own files are not touched: erase there too. What it delivers of this person again is erased as "
        "it is landed."
    )
