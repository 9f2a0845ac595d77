"""The measured program: starts a server, copies the landed rows in, and lets dbt build what it can."""

import json
from pathlib import Path

import click

from benchmarks.postgres.build import build
from benchmarks.postgres.figures import server_figures
from benchmarks.postgres.load import load
from benchmarks.postgres.project import assemble
from benchmarks.postgres.server import connect, serving
from benchmarks.steps import say
from pipelines.config import load_settings
from pipelines.landing.batches import list_batches
from pipelines.warehouse.register import register


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("as_of")
@click.argument("folder", type=click.Path(path_type=Path))
def main(config: Path, as_of: str, folder: Path) -> None:
    """Build in FOLDER, where an empty cluster and python.duckdb are; results.json says what became of each model."""
    settings = load_settings(config, None, as_of)
    with serving(folder / "cluster") as socket:
        say("load", "what was landed, and what Python models gave")
        landed = folder / "landed.duckdb"
        register(landed, settings, list_batches(settings.folders.landing, settings.as_of))
        with connect(socket) as connection:
            connection.execute((Path(__file__).parent / "functions.sql").read_text(encoding="utf-8"))
            rows = load(landed, "landing", connection) + load(folder / "python.duckdb", "given", connection)
        say("parse", f"{rows} rows were copied; reading the models")
        assemble(folder / "project", socket)
        models = build(folder / "project", settings)
        say("check", "the figures, for comparing them")
        with connect(socket) as connection:
            figures = server_figures(connection)
        say("stop", "shutting down")
    text = json.dumps({"models": models, "figures": figures}, indent=1)
    (folder / "results.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
