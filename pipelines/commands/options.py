"""Options that every subcommand has."""

from pathlib import Path

import click

config = click.option(
    "--config", type=click.Path(path_type=Path), default=Path("rapport.yml"), show_default=True, help="Configuration."
)
home = click.option("--home", type=click.Path(path_type=Path), help="Overrides `home` of the configuration.")
