"""The `rapport` command: as thin as can be. Every subcommand calls the packages and turns errors into exit codes."""

import os
import sys
from pathlib import Path

import click

from pipelines.commands import options
from pipelines.commands.accept import accept
from pipelines.commands.demo import demo
from pipelines.commands.diff import diff
from pipelines.commands.erase import erase
from pipelines.commands.log import log
from pipelines.commands.quarantine import quarantine
from pipelines.commands.reproduce import reproduce
from pipelines.commands.rollback import rollback
from pipelines.commands.spark import spark
from pipelines.commands.trace import trace
from pipelines.commands.verify import verify
from pipelines.config import load_settings
from pipelines.errors import ConfigError, RapportError, SourceError

_EXIT = (
    "Exit codes: 0 done, published or nothing new, 2 configuration or usage, "
    "3 stopped by proof, rolled back, or not what was recorded, "
    "4 a source could not be read, 1 anything else."
)


@click.group(epilog=_EXIT, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="rapport-crm")
def cli() -> None:
    """Rapport: CRM reports whose numbers are proven before anybody sees them."""


@cli.command(epilog=_EXIT)
@options.config
@options.home
@click.option("--as-of", help="Instant that figures are as of (ISO 8601; the company's time zone if it names none).")
@click.option("--rebuild", is_flag=True, help="Build and prove again even if nothing is new.")
@click.option("--full", is_flag=True, help="Build everything anew, and do not follow what changed since the last run.")
@click.option(
    "--verify-incremental",
    is_flag=True,
    help="Also build everything anew, aside, and stop if a table that followed what changed differs.",
)
@click.option("--timings", is_flag=True, help="Print where the time went.")
@click.option("--quiet", is_flag=True, help="Print the summary only.")
def run(
    config: Path,
    home: Path | None,
    as_of: str | None,
    rebuild: bool,
    full: bool,
    verify_incremental: bool,
    timings: bool,
    quiet: bool,
) -> None:
    """Refresh: ingest, build, prove and publish, in one process."""
    settings = load_settings(config, home, as_of)
    from pipelines.assets.run import run_nightly
    from pipelines.summary import Progress, print_summary

    with Progress(quiet) as progress:
        outcome = run_nightly(settings, rebuild, full=full, verify_incremental=verify_incremental)
    print_summary(settings, outcome, progress.timings if timings else None)


@cli.command()
@options.config
@options.home
def check(config: Path, home: Path | None) -> None:
    """Validate the configuration and the sources without loading anything."""
    settings = load_settings(config, home)
    from pipelines.landing.check import check_source

    click.echo(f"{settings.file}: valid; home is {settings.home}")
    problems = []
    for source in settings.sources:
        click.echo(f"source {source.name} ({source.system}, {source.kind}) in {source.location}")
        try:
            for line in check_source(source):
                click.echo(f"  {line}")
        except SourceError as error:
            problems.append(str(error))
    if problems:
        raise SourceError("\n".join(problems))
    click.echo("All sources can be read.")


@cli.command()
@options.config
@options.home
def releases(config: Path, home: Path | None) -> None:
    """List the published releases, newest first; * marks the current one."""
    settings = load_settings(config, home)
    from pipelines.audit_log import read_log
    from pipelines.releases.catalog import list_releases
    from pipelines.releases.chain import chain_of

    found = list_releases(settings.folders.releases)
    log = read_log(settings.folders.audit_log)
    rolled_back = frozenset() if log.problems else chain_of(log.entries).rolled_back
    if not found:
        click.echo(f"Nothing was published yet in {settings.folders.releases}. Run: rapport run")
    for release in found:
        manifest = release.manifest
        rows = sum(table["rows"] for name, table in manifest["tables"].items() if name.startswith("marts."))
        click.echo(
            f"{'*' if release.is_current else ' '} {release.id}  as of {manifest['as_of'][:16]}  "
            f"published {manifest['published_at'][:16]}  {rows:,} rows in marts  "
            f"{manifest['verdict']['checks']} checks  code {manifest['code_version']}"
            f"{'  rolled back' if release.id in rolled_back else ''}"
        )
    for problem in log.problems:
        click.secho(f"{problem} So nobody knows which of them were rolled back.", err=True, fg="red")


@cli.command()
@options.config
@options.home
@click.option("--format", "form", type=click.Choice(["table", "csv"]), default="table", show_default=True)
@click.option("--restricted", is_flag=True, help="Also the edition that names persons: restricted.customer_person, ...")
@click.argument("sql")
def query(config: Path, home: Path | None, form: str, restricted: bool, sql: str) -> None:
    """Ask the current release a question in SQL, for example: "from marts.rpt_sales_summary limit 5"."""
    settings = load_settings(config, home)
    from pipelines.releases.catalog import query as ask
    from pipelines.summary import print_rows

    columns, rows = ask(settings.folders.releases, sql, restricted)
    print_rows(columns, rows, form)


@cli.command()
@options.config
@options.home
@click.option("--port", default=3000, show_default=True, help="Port on this machine.")
def ui(config: Path, home: Path | None, port: int) -> None:
    """Start Dagster's web server and daemon on this machine's own address, with the nightly schedule."""
    settings = load_settings(config, home)
    from pipelines.assets.instance import serve

    serve(settings, port)


cli.add_command(diff)
cli.add_command(accept)
cli.add_command(verify)
cli.add_command(rollback)
cli.add_command(reproduce)
cli.add_command(log)
cli.add_command(quarantine)
cli.add_command(trace)
cli.add_command(erase)
cli.add_command(spark)
cli.add_command(demo)


def main() -> None:
    """Run the command; errors for people end it with their exit code and without a stack trace."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(ConfigError.exit_code)
    except RapportError as error:
        click.secho(str(error), err=True, fg="red")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
