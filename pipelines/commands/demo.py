"""`rapport demo`: the demo company, of any size, and its nights."""

import re
from pathlib import Path

import click

_FOLDER = Path(".rapport/demo")


class Count(click.ParamType):
    """A whole number above 0, which may be written in groups: 10_000_000 or 10,000,000."""

    name = "count"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number. Raises click.BadParameter for anything else."""
        plain = str(value).strip()
        number = int(re.sub("[_,]", "", plain)) if re.fullmatch(r"\d+([_,]\d{3})*", plain) else 0
        if not number:
            self.fail(f"{plain!r} is not a whole number above 0. Write it like 100000 or 10_000_000.", param, ctx)
        return number


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=_FOLDER, show_default=True)
@click.option("--orders", type=Count(), help="Write a company with at least so many orders, such as 10_000_000.")
@click.option("--activities", type=Count(), help="Repeat activities until there are at least so many.")
@click.option("--nights", type=click.IntRange(1, 31), help="Also write so many nights, to be delivered one by one.")
@click.option("--night", type=click.IntRange(0, 31), help="Deliver the nights up to this one; 0 takes them back.")
def demo(folder: Path, orders: int | None, activities: int | None, nights: int | None, night: int | None) -> None:
    """Write the demo company's source files and their known answers; the same bytes every time.

    Without options it has 4,000 orders. With --orders it has as many branches as are needed, each with customers of
    its own; whatever adds up is known exactly, and known_answers.json names what is not. Files are Parquet then.

    Each night has 0.1 % new orders with their lines (a quarter of them late: placed 5 to 60 days before) and 0.1 % new
    activities; 0.05 % of the orders have a line corrected, 0.025 % are cancelled, and 0.025 % deleted; 0.05 % of the
    accounts get the e-mail address of another customer. known_answers.json says what is true after each night.

    \b
    rapport demo --orders 100_000 --nights 3 && rapport run
    rapport demo --night 1 && rapport run --as-of 2026-01-02
    rapport demo --night 2 && rapport run --as-of 2026-01-03
    """
    if night is not None:
        if orders or activities or nights:
            raise click.UsageError("--night delivers what is there: give it without --orders, --activities, --nights.")
        _deliver(folder, night)
    elif orders or activities or nights:
        _write(folder, orders, activities, nights or 0)
    else:
        from pipelines.demo.write import ensure_demo

        click.echo(f"The demo company is in {ensure_demo(folder)}.")


def _write(folder: Path, orders: int | None, activities: int | None, nights: int) -> None:
    from pipelines.demo.deliveries import ensure_large
    from pipelines.demo.large import in_bytes

    done = ensure_large(folder, orders, activities, nights, progress=click.echo)
    size = done.answers["size"]
    click.echo(
        f"The demo company is in {folder}: {size['orders']:,} orders, {size['activities']:,} activities, "
        f"{size['rows']:,} rows in all, {in_bytes(done.bytes)}."
    )
    if nights:
        named = "" if folder == _FOLDER else f"--folder {folder} "
        click.echo(f"Its sources are as before the first of {nights} nights. Deliver it: rapport demo {named}--night 1")


def _deliver(folder: Path, night: int) -> None:
    from pipelines.demo.deliveries import deliver_night

    known = deliver_night(folder, night)
    as_of = known["as_of"][:19]
    if not night:
        click.echo(f"{folder} is as it was before the first night. Then: rapport run --as-of {as_of}")
        return
    change = known["change"]
    click.echo(
        f"{folder} is as it was after night {night}: {change['orders']:+,} orders sold, revenue {change['revenue']}, "
        f"{change['customers']:+,} customers since the night before. Then: rapport run --as-of {as_of}"
    )
