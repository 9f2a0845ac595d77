"""The command behind `make parity`."""

import sys
import time
from pathlib import Path

import click

from pipelines.paths import PROJECT, make_private
from tests.parity.compare import Compared
from tests.parity.nights import MOST, compared, deliver, nights
from tests.support import remove


@click.command()
@click.option(
    "--nights", "count", type=click.IntRange(1, MOST), default=MOST, show_default=True, help="1: the initial load only."
)
@click.option("--scale", default=0.05, show_default=True, help="Size of the demo company; 1 is about 4,000 orders.")
@click.option("--folder", type=click.Path(path_type=Path), default=PROJECT / ".rapport" / "parity", show_default=True)
def main(count: int, scale: float, folder: Path) -> None:
    """Build the demo company on DuckDB and on Spark, night by night, and compare every table of both.

    Prints the digests of both engines. Exits with 1 where a table differs, or where a report is empty and so nothing
    was compared.
    """
    remove(folder)
    make_private(folder)
    started, failed = time.monotonic(), []

    def tell(message: str) -> None:
        click.echo(f"{time.monotonic() - started:6.1f} s  {message}", err=True)

    for number, night in enumerate(nights(count), start=1):
        tell(f"night {number} of {count}, as of {night.as_of:%Y-%m-%d %H:%M} UTC: sources at scale {scale}")
        settings, plan = deliver(night, folder, scale)
        tables = compared(settings, plan, tell)
        click.echo(_page(tables))
        failed += [f"night {number}: {one.table}: {one.difference}" for one in tables if one.difference]
        failed += [
            f"night {number}: {one.table} is empty" for one in tables if one.table.startswith("marts.") and not one.rows
        ]
        tell(f"night {number}: {sum(one.is_same for one in tables)} of {len(tables)} tables are the same")
    for line in failed:
        click.secho(line, fg="red", err=True)
    result = f"{len(failed)} differences" if failed else "every table is the same on both engines"
    click.echo(f"Parity: {count} nights, {result}.")
    sys.exit(1 if failed else 0)


def _page(tables: list[Compared]) -> str:
    """A row per table: rows, both digests of what is exact, and how far floats are apart."""
    lines = [f"{'table':52} {'rows':>9}  {'DuckDB':12}  {'Spark':12}  {'floats':8}"]
    for one in tables:
        apart = "" if one.apart is None else f"{one.apart:.0e}"
        digests = f"{one.digest[:12]:12}  {one.spark_digest[:12]:12}"
        lines.append(f"{one.table:52} {one.rows:>9,}  {digests}  {apart:8}{'' if one.is_same else '  DIFFERENT'}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
