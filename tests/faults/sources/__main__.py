"""The command behind `make faults`."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

import click

from pipelines.code import code_version
from pipelines.paths import PROJECT
from tests.faults.sources.catalogue import CATALOGUE, Fault
from tests.faults.sources.laboratory import Laboratory, Outcome
from tests.faults.sources.table import markdown
from tests.support import remove

PAGE = PROJECT / "docs" / "source-faults.md"


@click.command()
@click.option("--seeds", default=3, show_default=True, help="Ways in which each fault is made.")
@click.option("--nights", default=20, show_default=True, help="Nights without a fault that are published before.")
@click.option("--scale", default=0.05, show_default=True, help="Size of the demo company.")
@click.option("--only", "names", multiple=True, help="Only faults whose name contains this; several may be given.")
@click.option("--jobs", default=2, show_default=True, help="Runs at a time.")
@click.option("--folder", type=click.Path(path_type=Path), default=PROJECT / ".rapport" / "faults", show_default=True)
@click.option("--page", is_flag=True, help="Write docs/source-faults.md.")
def main(seeds: int, nights: int, scale: float, names: tuple[str, ...], jobs: int, folder: Path, page: bool) -> None:
    """Publish nights without a fault, then let the next one go wrong in every way of the catalogue.

    The published nights are kept in the folder for as long as the code stays the same. Exits with 1 where a fault was
    published that can be told from valid data, or a night without a fault was not.
    """
    faults = [fault for fault in CATALOGUE if not names or any(name in fault.name for name in names)]
    laboratory, refused = _with_history(folder, scale, nights)
    others = [_fresh_copy(laboratory, folder / str(number)) for number in range(1, jobs)]
    outcomes = []
    for outcome in _tried([laboratory, *others], [(fault, seed) for fault in faults for seed in range(seeds)]):
        outcomes.append(outcome)
        right = "" if outcome.is_right else "WRONG: "
        what = f"{outcome.fault.name}, seed {outcome.seed} ({outcome.did})"
        click.echo(f"{len(outcomes):4} {right}{what}: {outcome.became}: {outcome.because}", err=True)
    text = markdown(outcomes, refused, nights, scale)
    click.echo(text)
    if page:
        PAGE.write_text(text, encoding="utf-8")
    sys.exit(1 if refused or not all(outcome.is_right for outcome in outcomes) else 0)


def _with_history(folder: Path, scale: float, nights: int) -> tuple[Laboratory, list[str]]:
    """Return a laboratory that has published its nights, and what was said against any of them."""
    mark, made_with = folder / "made_with.json", {"code": code_version(), "scale": scale, "nights": nights}
    made = json.loads(mark.read_text(encoding="utf-8")) if mark.is_file() else {}
    if made.get("made_with") == made_with:
        return Laboratory(folder / "0", scale), made["refused"]
    remove(folder)
    laboratory, refused = Laboratory(folder / "0", scale), []
    for number, reason in enumerate(laboratory.publish_nights(nights), start=1):
        click.echo(f"night {number} of {nights}: {reason or 'published'}", err=True)
        refused += [f"night {number}: {reason}"] if reason else []
    mark.write_text(json.dumps({"made_with": made_with, "refused": refused}), encoding="utf-8")
    return laboratory, refused


def _fresh_copy(laboratory: Laboratory, folder: Path) -> Laboratory:
    remove(folder)
    return laboratory.copied(folder)


def _tried(laboratories: list[Laboratory], chosen: list[tuple[Fault, int]]) -> Iterator[Outcome]:
    """Yield what became of each fault, as it is known; every laboratory tries one at a time."""
    free: SimpleQueue[Laboratory] = SimpleQueue()
    for laboratory in laboratories:
        free.put(laboratory)

    def try_out(fault: Fault, seed: int) -> Outcome:
        laboratory = free.get()
        try:
            return laboratory.try_out(fault, seed)
        finally:
            free.put(laboratory)

    with ThreadPoolExecutor(len(laboratories)) as pool:
        try:
            for done in as_completed([pool.submit(try_out, fault, seed) for fault, seed in chosen]):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


if __name__ == "__main__":
    main()
