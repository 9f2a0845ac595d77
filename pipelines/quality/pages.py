"""The verdict on a candidate as pages that a person can read: static HTML that needs nothing else.

The same verdict on the same candidate gives the same bytes. No value of a personal column is on a page.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.quality.ledgers import read_ledgers
from pipelines.quality.verdict import Check, Verdict
from pipelines.releases.database import opened
from pipelines.releases.names import CHECKS, DATABASE, page_names
from pipelines.sources.catalog import load_contract

WITHHELD = "(withheld)"
_TEMPLATES = Path(__file__).parent / "templates"
# what was quarantined may be anything, a name in the wrong column included
_QUARANTINED = {"value", "raw_row"}


@dataclass(frozen=True)
class About:
    """What the pages say of the release that the verdict is about; `as_of` is UTC."""

    release_id: str
    as_of: str
    code_version: str
    inputs: int


@dataclass(frozen=True)
class Table:
    """The checks of one table, failed ones first, and the name of its page."""

    name: str
    page: str
    description: str
    checks: tuple[Check, ...]

    @property
    def failed(self) -> int:
        """How many checks failed or gave no answer."""
        return sum(not check.is_proof for check in self.checks)


def write_pages(candidate: Path, verdict: Verdict, about: About) -> Path:
    """Write checks/index.html and a page per checked table into the folder of the candidate; return the first.

    Raises RapportError where the candidate's database cannot be opened.
    """
    folder = candidate / CHECKS
    folder.mkdir(exist_ok=True)
    shown = Verdict(tuple(_without_personal(check) for check in verdict.checks))
    tables = _tables(shown, _descriptions(candidate))
    common = {"about": about, "verdict": shown, "tables": tables}
    ledgers = read_ledgers(candidate)
    _write(folder / "index.html", "index.html", **common, ledgers=ledgers)
    for table in tables:
        _write(folder / table.page, "table.html", **common, table=table)
    return folder / "index.html"


def _tables(verdict: Verdict, descriptions: dict[str, str]) -> list[Table]:
    pages = page_names(check.subject for check in verdict.checks)
    return [
        Table(
            subject,
            page,
            descriptions.get(subject, ""),
            tuple(
                sorted(
                    (check for check in verdict.checks if check.subject == subject), key=lambda c: (c.is_proof, c.name)
                )
            ),
        )
        for subject, page in pages.items()
    ]


def _descriptions(candidate: Path) -> dict[str, str]:
    with opened(candidate / DATABASE) as connection:
        try:
            return dict(
                connection.execute(
                    "select schema_name || '.' || table_name, comment from duckdb_tables() "
                    "where database_name = current_database() and comment is not null"
                ).fetchall()
            )
        except duckdb.Error:
            return {}


def _without_personal(check: Check) -> Check:
    hidden = _personal() | (_QUARANTINED if check.subject == "audit.quarantine" else set())
    rows = tuple(
        {name: WITHHELD if name.lower() in hidden else value for name, value in row.items()} for row in check.rows
    )
    return replace(check, rows=rows)


@cache
def _personal() -> frozenset[str]:
    """The names of columns that hold personal data in some entity of the contract."""
    return frozenset(column for entity in load_contract().values() for column in entity.get("direct", []))


def _write(file: Path, template: str, **values: Any) -> None:
    file.write_text(_environment().get_template(template).render(**values), encoding="utf-8", newline="\n")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["heads"] = _heads
    return environment


def _heads(rows: Iterable[dict[str, Any]]) -> list[str]:
    """The columns of failing rows, in their order."""
    return list(dict.fromkeys(name for row in rows for name in row))
