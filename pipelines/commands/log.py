"""`rapport log`."""

from pathlib import Path

import click

from pipelines.commands import options
from pipelines.config import load_settings
from pipelines.errors import ConfigError, ProofError

_LISTED = ("batches", "releases", "tables", "rolled_back")


@click.command()
@options.config
@options.home
@click.option("--last", type=click.IntRange(min=1), help="Only the last so many lines.")
@click.option("--restart", is_flag=True, help="Set a broken log aside and begin a new one, which names it.")
@click.option("--why", help="The reason for --restart; the new log keeps it.")
def log(config: Path, home: Path | None, last: int | None, restart: bool, why: str | None) -> None:
    """Show who did what, and when (UTC), oldest first, for example: rapport log --last 20"""
    settings = load_settings(config, home)
    from pipelines.audit_log import read_log

    file = settings.folders.audit_log
    if restart:
        if not (why or "").strip():
            raise ConfigError("--why: is missing. Say why the log is set aside; the new one keeps it.")
        from pipelines.refresh.verify import restart_log

        click.echo(f"The broken log is now {restart_log(settings.folders, why)}; {file} begins anew.")
        return
    found = read_log(file)
    for entry in found.entries[-last:] if last else found.entries:
        details = ", ".join(f"{key}: {_short(key, value)}" for key, value in entry["details"].items())
        click.echo(f"{entry['number']:>5}  {entry['at'][:19]}  {entry['who']:<12} {entry['action']:<10} {details}")
    if found.problems:
        raise ProofError("\n".join(found.problems))
    if not found.hashes:
        click.echo(f"{file}: nothing was recorded yet.")


def _short(key: str, value: object) -> str:
    """Lists by their length; the file itself has them whole."""
    if isinstance(value, list) and (key in _LISTED or len(value) > 3):
        return f"{len(value)}"
    text = str(value)
    return text[:12] if key.endswith("sha256") else text
