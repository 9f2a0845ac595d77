"""`rapport diff`: what differs between two releases, and why."""

import csv
import sys
from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings

_SHOWN = 20


@click.command()
@options.config
@options.home
@click.option("--mart", help="Only figures of this mart, for example rpt_sales_summary.")
@click.option("--metric", help="Only figures of this column, for example revenue.")
@click.option("--grain", type=click.Choice(["day", "week", "month", "quarter", "year"]), help="Only of such periods.")
@click.option("--period", help="Only of periods that begin so: 2025, 2025-06 or 2025-06-01.")
@click.option("--limit", default=_SHOWN, show_default=True, help="Figures, and rows per cause, to show.")
@click.option("--all", "everything", is_flag=True, help="Show all figures and rows.")
@click.option("--format", "form", type=click.Choice(["table", "csv"]), default="table", show_default=True)
@click.argument("earlier", required=False)
@click.argument("later", required=False)
def diff(
    config: Path,
    home: Path | None,
    mart: str | None,
    metric: str | None,
    grain: str | None,
    period: str | None,
    limit: int,
    everything: bool,
    form: str,
    earlier: str | None,
    later: str | None,
) -> None:
    """Say what differs between two releases, and why: by default between the current one and the one before it.

    Every figure that differs is taken apart by cause, in the order in which causes are applied: rule change (code or
    configuration), passage of time, new source, new rows (of a closed period: late arrival), deletion, merge or
    un-merge, reclassification, correction. The parts of a figure add up to its whole difference. Below stand the rows
    of the sources that changed, with file and line. --format csv writes all parts of the figures asked for.

    \b
    rapport diff
    rapport diff --mart rpt_sales_summary --metric revenue --grain month
    rapport diff 20251230T230000Z-1a2b3c4d 20251231T230000Z-5e6f7a8b --format csv > why.csv
    """
    settings = load_settings(config, home)
    from pipelines.refresh.diff import Filter, difference
    from pipelines.summary import print_rows

    only = Filter(mart, metric, grain, period)
    most = None if everything or form == "csv" else limit
    with difference(settings, earlier, later, lambda line: click.echo(line, err=True)) as found:
        if form == "csv":
            writer = csv.writer(sys.stdout)
            writer.writerow([*_FIGURES, "cause", "part"])
            writer.writerows(found.figures(only, None))
            return
        causes = found.causes(only)
        if not causes:
            click.echo(f"No figure differs between {found.earlier.id} and {found.later.id}.")
            return
        click.echo(f"What differs between {found.earlier.id} and {found.later.id}, by cause:")
        print_rows(["cause", "marts", "figures", "of closed periods"], causes, "table")
        print_rows(["mart", "metric", "figures", "greatest difference"], found.marts(only), "table")
        click.echo("The figures that differ most, and the parts of each difference:")
        print_rows([*_FIGURES, "cause", "part"], found.figures(only, most), "table")
        click.echo("Rows of the sources that changed:")
        print_rows(["cause", "entity", "source", "record", "day", "columns", "was", "is"], found.rows(most), "table")


_FIGURES = ["mart", "grain", "period", "member", "metric", "before", "after"]
