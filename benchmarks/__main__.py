"""`python -m benchmarks`: measures, and writes what it found to this folder."""

import json
from pathlib import Path
from typing import Any

import click

from benchmarks.machine import about
from benchmarks.measure import ProgramError
from benchmarks.nights import VARIANTS, NotTheSameError, bench
from benchmarks.report import write_report
from pipelines.paths import PROJECT

HERE = PROJECT / "benchmarks"


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--sizes", default="4k", show_default=True, help="Orders of the companies: '4k 100k 1m'.")
@click.option("--repeat", default=3, show_default=True, help="Times that each is measured.")
@click.option("--date", required=True, help="The date that the results are given; the clock is not asked.")
@click.option("--only", multiple=True, type=click.Choice(VARIANTS), help="Only these; several may be given.")
@click.option("--folder", type=click.Path(path_type=Path), default=PROJECT / ".rapport" / "bench", help="To work in.")
@click.option("--out", type=click.Path(path_type=Path), default=HERE, help="Where results.json, .md and .svg go.")
@click.option("--report-only", is_flag=True, help="Write the page and the chart anew from results.json.")
def main(sizes: str, repeat: int, date: str, only: tuple[str, ...], folder: Path, out: Path, report_only: bool) -> None:
    """Measure `rapport run` at several SIZES beside the same SQL alone, PostgreSQL and pandas.

    Other sizes that were measured before, on that date and on such a machine, stay in the results.
    """
    file = out / "results.json"
    if report_only:
        write_report(json.loads(file.read_text(encoding="utf-8")), out)
        return
    variants = only or VARIANTS
    named = [size for size in sizes.replace(",", " ").split() if size]
    command = f'make bench SIZES="{" ".join(named)}" REPEAT={repeat} DATE={date}'
    command += f' ONLY="{" ".join(only)}"' if only else ""
    results = {"date": date, "machine": about(), "sizes": {}}
    results["sizes"] = _kept(file, results, named)
    out.mkdir(parents=True, exist_ok=True)
    for size in named * repeat:
        try:
            before = results["sizes"].get(size, {})
            measured = bench(folder, size, variants, before, lambda line: click.echo(line, err=True))
            results["sizes"][size] = {"command": command, **measured}
        except (NotTheSameError, ProgramError, ValueError) as error:
            raise click.ClickException(str(error)) from None
        # what was measured is kept even if what comes next does not end well
        file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        write_report(results, out)
    click.echo(f"{out / 'results.md'}")


def _kept(file: Path, results: dict[str, Any], named: list[str]) -> dict[str, Any]:
    """Return the sizes that `file` has beside those in `named`, if they were measured in the same circumstances."""
    if not file.is_file():
        return {}
    known = json.loads(file.read_text(encoding="utf-8"))
    if any(known.get(name) != results[name] for name in ("date", "machine")):
        return {}
    return {size: one for size, one in known["sizes"].items() if size not in named}


if __name__ == "__main__":
    main()
