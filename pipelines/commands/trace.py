"""`rapport trace`: where a number comes from."""

from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings
from pipelines.errors import ProofError

_EPILOG = """\b
Examples:
  rapport trace rpt_sales_by_region --metric revenue --period 2025-06 --of country=DE --of province=Bayern
  rapport trace rpt_sales_summary --metric orders --where "period_grain = 'day' and period_start = '2025-06-03'"
  rapport trace rpt_lead_sources --metric conversion_rate --period 2025-Q2 --of channel=paid_search --of campaign=CMP-10
\b
Exit codes: 0 rows and lines make the figure, 3 they do not, 2 the figure is not named well, 1 anything else."""


@click.command(epilog=_EPILOG)
@options.config
@options.home
@click.argument("mart")
@click.option("--metric", required=True, help="Column of the mart: a figure, its comparison or growth, or a ratio.")
@click.option("--where", help="Condition in SQL over the mart's columns; with the rest it has to select one row.")
@click.option("--period", help="2025, 2025-Q2 (both of the fiscal year), 2025-06, 2025-W23 or 2025-06-03.")
@click.option("--of", "members", multiple=True, metavar="COLUMN=VALUE", help="A member, as often as needed.")
@click.option("--release", "release_id", help="Id of a release; the current one unless given.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Rows that the table shows.")
@click.option("--all", "show_all", is_flag=True, help="Show all rows in the table.")
def trace(
    config: Path,
    home: Path | None,
    mart: str,
    metric: str,
    where: str | None,
    period: str | None,
    members: tuple[str, ...],
    release_id: str | None,
    form: str,
    limit: int,
    show_all: bool,
) -> None:
    """Show what one published figure is made of, down to the lines of the source files, and what was left out."""
    settings = load_settings(config, home)
    from pipelines.trace.selection import Wanted, parse_of
    from pipelines.trace.show import show
    from pipelines.trace.trace import find_release
    from pipelines.trace.trace import trace as find

    wanted = Wanted(where, period, tuple(map(parse_of, members)))
    release = find_release(settings.folders.releases, release_id)
    found = find(release, settings.folders.landing, mart, metric, wanted)
    show(found, form, None if show_all else limit)
    if found.problems:
        more = f"\n... and {len(found.problems) - 20} more" if len(found.problems) > 20 else ""
        raise ProofError("THE FIGURE IS NOT WHAT ITS LINES SAY:\n" + "\n".join(found.problems[:20]) + more)
