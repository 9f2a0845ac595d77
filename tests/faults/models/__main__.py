"""The command behind `make mutants`."""

import difflib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import click
import duckdb

from pipelines.code import code_version
from pipelines.paths import PROJECT
from tests.faults.models.catalogue import Mutant, mutants, mutated
from tests.faults.models.judgement import judgements
from tests.faults.models.laboratory import Outcome
from tests.faults.models.project import Project, load_project
from tests.faults.models.sample import sample
from tests.faults.models.table import Results, markdown
from tests.faults.models.tree import Types, parse
from tests.faults.models.workers import examined
from tests.support import demo_config, rapport, remove

PAGE = PROJECT / "docs" / "proof.md"


@click.command()
@click.option(
    "--seed",
    "seeds",
    type=int,
    multiple=True,
    default=(1, 2),
    show_default=True,
    help="Which sample; several may be given.",
)
@click.option("--limit", default=400, show_default=True, help="Mutants per seed.")
@click.option("--model", "models", multiple=True, help="Only mutants of this model; several may be given.")
@click.option("--kind", "kinds", multiple=True, help="Only faults of this kind; several may be given.")
@click.option("--jobs", default=2, show_default=True, help="Processes at work.")
@click.option("--scale", default=0.2, show_default=True, help="Size of the demo company.")
@click.option("--folder", type=click.Path(path_type=Path), default=PROJECT / ".rapport" / "mutants", show_default=True)
@click.option("--page", is_flag=True, help="Write docs/proof.md.")
@click.option("--log", type=click.Path(path_type=Path), help="Write the outcomes there, one JSON object per line.")
@click.option(
    "--after",
    type=click.Path(path_type=Path, exists=True),
    help="An earlier log: what was noticed then is "
    "not examined again. For use when tests were added and no model was changed.",
)
def main(
    seeds: tuple[int, ...],
    limit: int,
    models: tuple[str, ...],
    kinds: tuple[str, ...],
    jobs: int,
    scale: float,
    folder: Path,
    page: bool,
    log: Path | None,
    after: Path | None,
) -> None:
    """Make models wrong, one fault at a time, and say what notices it.

    Exits with 1 where a mutant survived that nobody has judged equivalent.
    """
    home = prepared(folder, scale)
    project = load_project(home / "warehouse" / "dbt")
    types = read_types(home / "warehouse" / "warehouse.duckdb")
    possible = [
        mutant
        for name in project.candidates
        if not models or name in models
        for mutant in mutants(name, project.models[name].sql, types)
        if not kinds or mutant.kind in kinds
    ]
    chosen = sorted({mutant for seed in seeds for mutant in sample(possible, seed, limit)})
    click.echo(f"{len(chosen)} of {len(possible)} possible mutants are examined.")
    known = {one.mutant: one for one in read_log(after) if one.caught or not one.valid} if after else {}
    outcomes = [known[mutant] for mutant in chosen if mutant in known]
    left = [mutant for mutant in chosen if mutant not in known]
    if log:
        log.write_text("".join(map(_line, outcomes)), encoding="utf-8")
    outcomes += _told(examined(home, folder, left, jobs), len(left), log)
    results = Results(sorted((one for one in outcomes if one.valid), key=lambda one: one.mutant), judgements())
    text = markdown(results, len(outcomes) - len(results.outcomes), len(possible), list(seeds))
    click.echo(text)
    for survivor in results.survivors:
        click.echo(difference(survivor.mutant, project, types))
    if page:
        PAGE.write_text(text, encoding="utf-8")
    sys.exit(1 if results.survivors else 0)


def prepared(folder: Path, scale: float) -> Path:
    """Return the home of a demo company in `folder`, published with the code as it is.

    What `folder` holds is kept for as long as the code stays the same, and removed else.
    """
    mark, wanted = folder / "made_with", f"{code_version()} {scale}"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != wanted:
        click.echo("Publishing the demo company that the faults are made in ...")
        remove(folder)
        folder.mkdir(parents=True)
        done = rapport("run", "--config", demo_config(folder, scale))
        if done.returncode != 0:
            raise click.ClickException(done.stderr)
        mark.write_text(wanted, encoding="utf-8")
    return folder / "home"


def read_types(database: Path) -> Types:
    """Return table -> column -> type of a warehouse."""
    types: Types = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute("select table_name, column_name, data_type from duckdb_columns() where not internal")
        for table, column, kind in rows.fetchall():
            types.setdefault(table, {})[column] = kind
    return types


def read_log(file: Path) -> list[Outcome]:
    """Return the outcomes in a log."""
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [Outcome(**{**one, "mutant": Mutant(**one["mutant"])}) for one in found]


def _line(outcome: Outcome) -> str:
    return json.dumps(asdict(outcome)) + "\n"


def _told(outcomes: Iterable[Outcome], total: int, log: Path | None) -> Iterator[Outcome]:
    survived = 0
    for number, outcome in enumerate(outcomes, start=1):
        if log:
            with log.open("a", encoding="utf-8") as stream:
                stream.write(_line(outcome))
        survived += outcome.valid and not outcome.caught
        if number % 20 == 0 or number == total:
            click.echo(f"{number} of {total} examined, {survived} not noticed", err=True)
        yield outcome


def difference(mutant: Mutant, project: Project, types: Types) -> str:
    """Return the lines in which a mutant differs from its model."""
    sql = project.models[mutant.model].sql
    old, new = (parse(text).sql("duckdb", pretty=True).splitlines() for text in (sql, mutated(mutant, sql, types)))
    name = f"{mutant.model}, {mutant.kind}: {mutant.what}"
    return "\n".join(["", *difflib.unified_diff(old, new, name, "with the fault", lineterm="", n=2)])


if __name__ == "__main__":
    main()
