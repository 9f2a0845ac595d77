"""What the integration and golden tests share: running the command, and reading what it published."""

import atexit
import csv
import functools
import gzip
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.demo.write import ensure_demo
from pipelines.identity.exact import Account, AccountId, customer_numbers
from pipelines.paths import PROJECT

OLIST = PROJECT.parent / "shared" / "data" / "olist"

needs_olist = pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist data set is not here")

SAMPLES = PROJECT.parent / "shared" / "data"
# system -> the folder of its sample, the currency and the time zone that its files do not name
SAMPLE_SYSTEMS = {
    "google_ads": ("fivetran_google_ads", "USD", "UTC"),
    "zendesk": ("fivetran_zendesk", "USD", "UTC"),
    "salesforce": ("fivetran_salesforce", "USD", "UTC"),
    "sf311": ("sf311", "USD", "UTC"),
    "bank_marketing": ("bank_marketing", "USD", "UTC"),
    "helpdesk_log": ("helpdesk_log", "USD", "UTC"),
}

needs_samples = pytest.mark.skipif(
    not all((SAMPLES / folder).is_dir() for folder, _, _ in SAMPLE_SYSTEMS.values()),
    reason="the samples of other systems are not here",
)

DEMO = """
company: {{name: Demo, currency: EUR, time_zone: Europe/Berlin}}
home: {home}
as_of: 2026-01-01T00:00:00
sources:
  - {{name: demo, system: generic, kind: files, location: {source}, options: {{currency: EUR}}}}
"""


def samples_config(folder: Path) -> Path:
    """Write a configuration that reads the samples of all other systems into one release; return it."""
    helpdesk = folder / "helpdesk"
    helpdesk.mkdir()
    # its first column has no name, and a file with such a header is not read
    text = gzip.decompress((SAMPLES / "helpdesk_log" / "Helpdesk.csv.gz").read_bytes())
    (helpdesk / "Helpdesk.csv").write_bytes(b"number" + text)
    sources = []
    for system, (name, currency, zone) in SAMPLE_SYSTEMS.items():
        location = helpdesk if system == "helpdesk_log" else SAMPLES / name
        options = {"currency": currency, "time_zone": zone}
        if system == "bank_marketing":
            options["delimiter"] = ";"
        sources.append(
            {"name": system, "system": system, "kind": "files", "location": str(location), "options": options}
        )
    settings = {
        "company": {"name": "Samples", "currency": "USD", "time_zone": "UTC"},
        "home": str(folder / "home"),
        "as_of": "2021-04-01T00:00:00",
        "sources": sources,
        # the sample of Zendesk has comments and changes of tickets that are not in it
        "quality": {"max_quarantined_share": 1},
    }
    config = folder / "rapport.yml"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return config


def sample_rows(system: str, file: str, **reading: str) -> list[dict[str, str]]:
    """Return the rows of a sample's file as it was published, read without Rapport."""
    path = SAMPLES / SAMPLE_SYSTEMS[system][0] / file
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), **reading))


def rapport(*arguments: str | Path, project: Path = PROJECT, **environment: str) -> subprocess.CompletedProcess:
    """Run the command in a process of its own, with the code in `project`."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
        cwd=project,
        env=command_environment(**environment),
        capture_output=True,
        text=True,
        timeout=600,
    )


def command_environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAGSTER_", "RAPPORT_"))}
    return {**kept, **changes}


def demo_config(folder: Path, scale: float) -> Path:
    """Write a demo company and its configuration below `folder`; return the configuration."""
    ensure_demo(folder / "demo", scale=scale)
    start_parsed(folder / "home")
    return configured(folder)


def configured(folder: Path) -> Path:
    """Write the configuration of a demo company whose sources and home are below `folder`; return it."""
    config = folder / "rapport.yml"
    config.write_text(DEMO.format(home=folder / "home", source=folder / "demo" / "source"), encoding="utf-8")
    return config


def copy_of_company(company: Path, folder: Path) -> Path:
    """Copy a published demo company, its sources included, to `folder`; return the configuration there."""
    shutil.copytree(company, folder, symlinks=True, dirs_exist_ok=True)
    return configured(folder)


def start_parsed(home: Path) -> None:
    """Give a new home of the demo what dbt parsed before, so that its first run need not take that time again."""
    shutil.copytree(_parsed_demo(), home / "warehouse" / "dbt")


@functools.cache
def _parsed_demo() -> Path:
    """The folder in which dbt left its parse of the project with the settings of the demo; one per process."""
    from pipelines.config import load_settings
    from pipelines.warehouse.dbt import project_manifest

    folder = Path(tempfile.mkdtemp(prefix="rapport-parsed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = load_settings(configured(folder))
    project_manifest(settings)
    shutil.rmtree(settings.folders.warehouse / "dbt" / "logs", ignore_errors=True)
    return settings.folders.warehouse / "dbt"


def copy_of_project(folder: Path) -> Path:
    """Copy the code, models and expectations, to be changed by a test."""
    for name in ("pipelines", "dbt_project", "expectations", "examples"):
        shutil.copytree(
            PROJECT / name,
            folder / name,
            ignore=shutil.ignore_patterns("target", "logs", "__pycache__"),
            dirs_exist_ok=True,
        )
    return folder


def restored(home: Path, backup: Path) -> None:
    """Put `home` back to what `backup` holds. In the same place dbt need not parse the project anew."""
    remove(home)
    shutil.copytree(backup, home, symlinks=True)


def remove(folder: Path) -> None:
    """Remove a folder, also where what was published in it may not be written to."""
    for inner in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
        if inner.exists():
            inner.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)


def batches(home: Path) -> set[str]:
    """Return the files of the landing."""
    return {str(file.relative_to(home)) for file in (home / "landing").rglob("*") if file.is_file()}


def current(home: Path) -> str:
    """Return the id of the release that `current` leads to."""
    return (home / "releases" / "current").readlink().name


def ask(home: Path, sql: str) -> list[tuple]:
    """Return the rows that `sql` gives on the current release of `home`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{(home / 'releases' / 'current').resolve()}/marts.duckdb' as release (read_only)")
        connection.execute("use release")
        return connection.execute(sql).fetchall()


def one(home: Path, sql: str) -> object:
    """Return the single value that `sql` gives."""
    ((value,),) = ask(home, sql)
    return value


def digests(home: Path) -> dict[str, str]:
    """Return table -> content digest of the current release, as its manifest has it.

    Without what compares it with the release before: another home may have had another one.
    """
    import json

    from pipelines.releases.names import RELATIVE_TABLES

    manifest = json.loads((home / "releases" / "current" / "manifest.json").read_text(encoding="utf-8"))
    return {name: table["digest"] for name, table in manifest["tables"].items() if name not in RELATIVE_TABLES}


def money(value: object) -> Decimal:
    """Return an amount as a decimal of cents."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


# 2024, 2024-Q2 or 2024-05, as the answers name periods
PERIOD = """case period_grain
    when 'month' then strftime(period_start, '%Y-%m')
    when 'quarter' then strftime(period_start, '%Y-Q') || quarter(period_start)
    when 'year' then strftime(period_start, '%Y')
end"""


def by_period(home, mart: str, members: str, figures: tuple[str, ...], where: str = "true") -> dict[tuple, tuple]:
    """Grain, period and members -> figures, money as text."""
    rows = ask(
        home,
        f"select period_grain, {PERIOD}, {members}, {', '.join(figures)} from marts.{mart} "
        f"where period_grain in ('month', 'quarter', 'year') and ({where})",
    )
    width = len(rows[0]) - len(figures) if rows else 0
    return {tuple(row[:width]): tuple(map(plain, row[width:])) for row in rows}


def plain(value: object) -> object:
    """A figure as the answers write it: money as text with two decimals; ratios and days stay numbers."""
    return f"{money(value):f}" if isinstance(value, Decimal) else value


def differences(found: dict[tuple, tuple], expected: dict[tuple, tuple]) -> list[str]:
    """Where figures are missing, too many or different; a number may differ from its text by a millionth."""
    return [
        f"{cell}: found {found.get(cell)}, expected {expected.get(cell)}"
        for cell in sorted(found.keys() | expected.keys(), key=str)
        if not _same(found.get(cell), expected.get(cell))
    ]


def _same(found: tuple | None, expected: tuple | None) -> bool:
    if found is None or expected is None or len(found) != len(expected):
        return False
    return all(
        a == b or (isinstance(a, float) and b is not None and abs(a - float(b)) <= 1e-6)
        for a, b in zip(found, expected, strict=True)
    )


def numbered(accounts: Iterable[Account], max_accounts_per_key: int) -> dict[AccountId, str]:
    """Return account -> customer number, for accounts in whatever order."""
    ordered = sorted(accounts, key=lambda one: (one.first_seen, one.id))
    return dict(zip((one.id for one in ordered), customer_numbers(ordered, max_accounts_per_key), strict=True))
