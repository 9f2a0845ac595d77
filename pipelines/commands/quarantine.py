"""`rapport quarantine`: rows that were not accepted, and how they come back."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands import options
from pipelines.config import Settings, load_settings

if TYPE_CHECKING:
    from pipelines.quarantine.replay import Change, Landed
    from pipelines.quarantine.rows import Selection

_SHOWN = 20


@click.group()
def quarantine() -> None:
    """Rows that were not accepted: list and show them, take them out to be corrected, bring them back.

    \b
    rapport quarantine list --reason bad_decimal
    rapport quarantine show 000001-1f0c2a9be41d/17
    rapport quarantine export corrections --table order_line
    rapport quarantine replay corrections --check
    rapport quarantine replay corrections
    """


def _which(command: Callable) -> Callable:
    """Which rows, of which release."""
    for option in reversed(
        (
            options.config,
            options.home,
            click.option("--release", help="A release's id; the current one if left out."),
            click.option("--refused", is_flag=True, help="The last candidate that proof stopped, not a release."),
            click.option("--source", help="Rows of this source only."),
            click.option("--table", help="Rows of this table only."),
            click.option("--entity", help="Rows of this entity of the contract only."),
            click.option("--reason", help="Rows quarantined for this reason only, for example bad_date."),
        )
    ):
        command = option(command)
    return command


@quarantine.command("list")
@_which
@click.option("--rows", "each", is_flag=True, help="One line per row, with its id, instead of counts.")
def list_(config: Path, home: Path | None, release: str | None, refused: bool, each: bool, **chosen: Any) -> None:
    """Count the quarantined rows by source, table, entity, reason and column."""
    settings = load_settings(config, home)
    from pipelines.quarantine.rows import counts, place_of, read_rows
    from pipelines.summary import print_rows

    place = place_of(settings.folders, release, refused)
    rows = read_rows(place, _selection(chosen))
    click.echo(f"{len(rows):,} rows in quarantine, {place.name}.")
    if each:
        columns = ["id", "file", "line", "reason", "column", "value"]
        print_rows(columns, [(r.id, r.file, r.line, r.reason_code, r.column, r.value) for r in rows], "table")
    elif rows:
        print_rows(["source", "table", "entity", "reason", "column", "rows"], counts(rows), "table")


@quarantine.command()
@_which
@click.argument("ids", nargs=-1)
def show(
    config: Path, home: Path | None, release: str | None, refused: bool, ids: tuple[str, ...], **chosen: Any
) -> None:
    """Show rows: where each was found, why it is in quarantine, and what to do about it.

    IDS are those of `list --rows`; without them the first 20 selected rows are shown. Values of personal columns are
    withheld here: `export` has the whole rows.
    """
    settings = load_settings(config, home)
    from pipelines.quarantine.advice import advice
    from pipelines.quarantine.rows import named, place_of, read_rows

    rows = read_rows(place_of(settings.folders, release, refused), _selection(chosen))
    shown = named(rows, ids) if ids else rows[:_SHOWN]
    for row in shown:
        click.echo(f"{row.id}\n  found    {row.file}, line {row.line}" + (f" ({row.entity})" if row.entity else ""))
        where = f" in {row.column}" if row.column else ""
        click.echo(f"  reason   {row.reason_code}{where}" + (f": {row.value}" if row.value is not None else ""))
        click.echo(f"  to do    {advice(row.reason_code)}\n  row      {row.raw_row}")
    if not ids and len(rows) > len(shown):
        click.echo(f"{len(rows):,} rows, the first {_SHOWN} shown. Choose with --table, --reason, or by id.")


@quarantine.command()
@_which
@click.argument("target", type=click.Path(path_type=Path))
def export(config: Path, home: Path | None, release: str | None, refused: bool, target: Path, **chosen: Any) -> None:
    """Write the whole rows as CSV, to be corrected in a spreadsheet and given back to `replay`.

    TARGET is a file (.csv) for the rows of one table, or a folder that gets one file per table; it must be below the
    current folder. The rows hold personal data: only you can read the files, and the audit log says that you took them.
    Correct values in place; leave the columns whose names begin with _ as they are. Lines left as they were do nothing.
    """
    settings = load_settings(config, home)
    from pipelines.quarantine.export import export_rows
    from pipelines.quarantine.rows import place_of, read_rows

    place = place_of(settings.folders, release, refused)
    for written in export_rows(settings, place, read_rows(place, _selection(chosen)), target):
        click.echo(f"{written.file}: {written.rows:,} rows of {written.table}")


@quarantine.command()
@options.config
@options.home
@click.option("--check", is_flag=True, help="Only try the corrections out: nothing is landed or published.")
@click.option("--quiet", is_flag=True, help="Print the result only.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def replay(config: Path, home: Path | None, check: bool, quiet: bool, files: tuple[Path, ...]) -> None:
    """Bring rows back: build, prove and publish what was landed, as of the same instant; no source is read.

    Without FILES, after the mapping, the contract or the configuration was corrected: every build reads all rows again.
    With FILES (or a folder of them), exported and then corrected: each line that was changed is tried out first, then
    landed beside the row that it corrects. It counts until the source delivers that row anew. If a single line is
    still wrong, nothing is landed.
    """
    settings = load_settings(config, home)
    from datetime import UTC, datetime

    from pipelines.errors import ConfigError
    from pipelines.quarantine.replay import compare, land_files, quarantine_now, replay_instant

    if check and not files:
        raise ConfigError("--check: there is nothing to check. Give the corrected files.")
    as_of = replay_instant(settings, datetime.now(UTC))
    if files:
        _print_landed(land_files(settings, files, as_of, check), check)
    if not check:
        before = quarantine_now(settings)
        _run(settings.model_copy(update={"as_of": as_of}), quiet)
        _print_change(compare(before, quarantine_now(settings)))


def _selection(chosen: dict[str, Any]) -> "Selection":
    from pipelines.quarantine.rows import Selection

    return Selection(chosen["source"], chosen["table"], chosen["entity"], chosen["reason"])


def _run(settings: Settings, quiet: bool) -> None:
    from pipelines.assets.run import run_nightly
    from pipelines.summary import Progress

    with Progress(quiet):
        outcome = run_nightly(settings, ingest=False)
    what = "Published release" if outcome.is_new else "Nothing new: release"
    click.echo(f"{what} {outcome.release.id}, as of {outcome.release.manifest['as_of'][:16]} UTC.")


def _print_landed(landed: "Landed", check: bool) -> None:
    done = "would be accepted; nothing was landed" if check else "landed"
    click.echo(
        f"{landed.corrected:,} corrected rows {done}; {landed.unchanged:,} lines as they were; "
        f"{landed.known:,} landed before."
    )
    for batch in landed.batches:
        click.echo(f"  {batch.source}.{batch.table}: batch {batch.batch_id}, {batch.rows:,} rows")


def _print_change(change: "Change") -> None:
    from pipelines.summary import print_rows

    reasons = sorted(change.before.keys() | change.after.keys())
    click.echo(
        f"In quarantine: {sum(change.before.values()):,} rows before, {sum(change.after.values()):,} now; "
        f"{len(change.left):,} left it, {len(change.came):,} came."
    )
    if reasons:
        counted = [(reason, change.before.get(reason, 0), change.after.get(reason, 0)) for reason in reasons]
        print_rows(["reason", "before", "now"], counted, "table")
    for word, rows in (("left", change.left), ("came", change.came)):
        for row in rows[:_SHOWN]:
            click.echo(f"  {word} {row.id} ({row.reason_code})")
        if len(rows) > _SHOWN:
            click.echo(f"  ... and {len(rows) - _SHOWN:,} more {word}")
