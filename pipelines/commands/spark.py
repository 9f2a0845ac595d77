"""`rapport spark`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings, run_instant
from pipelines.errors import ConfigError


@click.command(
    epilog="Exit codes: 0 built, 3 a test failed, 2 Spark is missing or the usage is wrong, 1 anything else."
)
@options.config
@options.home
@click.option("--as-of", help="Instant that figures are as of (ISO 8601; the company's time zone if it names none).")
@click.option("--master", default="local[2]", show_default=True, help="Spark's master, for example spark://host:7077.")
@click.option(
    "--conf", "settings_of_spark", multiple=True, metavar="NAME=VALUE", help="A setting of Spark; repeatable."
)
@click.option("--tests/--no-tests", default=True, show_default=True, help="Run the data tests too.")
@click.option("--quiet", is_flag=True, help="Print the summary only.")
def spark(
    config: Path,
    home: Path | None,
    as_of: str | None,
    master: str,
    settings_of_spark: tuple[str, ...],
    tests: bool,
    quiet: bool,
) -> None:
    """Build the models on Apache Spark, from what has been landed; nothing is published.

    The tables are left as Parquet in the home's folder warehouse/spark/tables. docs/scaling.md says when that is
    worth it, and how to run it on a cluster.
    """
    wrong = [text for text in settings_of_spark if "=" not in text.strip("=")]
    if wrong:
        raise ConfigError(f"--conf {wrong[0]!r}: expected NAME=VALUE, for example spark.driver.memory=8g.")
    chosen = dict(text.split("=", 1) for text in settings_of_spark)
    settings = load_settings(config, home, as_of)
    from pipelines.refresh.lock import only_run
    from pipelines.refresh.plan import make_plan
    from pipelines.refresh.steps import check_built
    from pipelines.spark.build import built_on_spark

    def tell(message: str) -> None:
        if not quiet:
            click.echo(message, err=True)

    with only_run(settings.folders.lock):
        plan = make_plan(settings, run_instant(settings, datetime.now(UTC)))
        if not plan.batches:
            raise ConfigError(f"{settings.folders.landing}: nothing has been landed yet. Run: rapport run")
        with built_on_spark(settings, plan, master, chosen, tests, tell) as build:
            check_built(build.results)
    done = sum(result.kind != "test" for result in build.results)
    checked = f", {len(build.results) - done} tests passed" if tests else ""
    click.echo(f"Built on Spark as of {plan.as_of:%Y-%m-%d %H:%M} UTC: {done} models and seeds{checked}.")
    click.echo(f"The tables are in {build.tables}.")
