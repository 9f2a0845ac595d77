"""`rapport reproduce`."""

from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings
from pipelines.errors import ProofError

_SHOWN = 20


@click.command(epilog="Exit codes: 0 every table is equal, 3 one is not, 2 no such release, 1 a batch is missing.")
@options.config
@options.home
@click.argument("release_id", metavar="ID")
def reproduce(config: Path, home: Path | None, release_id: str) -> None:
    """Build the release ID again from the landing, and compare every table with what was published.

    Batches, instant and configuration are those of its manifest. Nothing that is published is touched.
    """
    settings = load_settings(config, home)
    from pipelines.refresh.reproduce import reproduce as build_again

    result = build_again(settings, release_id, lambda message: click.echo(message, err=True))
    equal = f"{len(result.equal)} tables of release {release_id} are equal"
    if result.is_equal:
        click.echo(f"Reproduced: all {equal}, by rows and digest.")
        return
    differences = [
        *(f"  {name}: different" for name in result.different),
        *(f"  {name}: in the release only" for name in result.missing),
        *(f"  {name}: in the second build only" for name in result.new),
    ]
    more = [f"  and {len(differences) - _SHOWN} more"] if len(differences) > _SHOWN else []
    why = (
        "Look for a model that depends on the clock, on the order of rows or on the machine."
        if result.is_same_code
        else "The code has changed since: that may be why. Compare with the code that published the release."
    )
    raise ProofError("\n".join([f"{equal}, {len(differences)} are not:", *differences[:_SHOWN], *more, why]))
