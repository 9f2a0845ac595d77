"""Holds a warehouse that followed what changed against one that is built anew, beside it, from the same batches."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.audit_log import record
from pipelines.config import Settings
from pipelines.errors import ProofError
from pipelines.refresh.plan import Plan
from pipelines.refresh.reproduce import aside_of
from pipelines.refresh.steps import check_built
from pipelines.releases.database import opened
from pipelines.releases.digest import TableFacts, table_facts
from pipelines.warehouse import dbt
from pipelines.warehouse.kept import FOLLOWING
from pipelines.warehouse.register import register

_SHOWN = 10


@dataclass(frozen=True)
class Difference:
    """A table that is not the same in both: what is known of it in each, None where it is not there."""

    table: str
    followed: TableFacts | None
    anew: TableFacts | None

    def __str__(self) -> str:
        """Say what differs, for people."""
        followed, anew = (f"{facts.rows:,} rows" if facts else "not there" for facts in (self.followed, self.anew))
        same = self.followed and self.anew and self.followed.rows == self.anew.rows
        return f"{self.table}: {followed}, of other content" if same else f"{self.table}: {followed}, anew {anew}"


def verify_incremental(settings: Settings, plan: Plan, tell: Callable[[str], None] = lambda _: None) -> int:
    """Build what `plan` builds a second time, anew, and compare table by table; return how many there are.

    It is built in a folder of its own, which is removed afterwards. Raises ProofError, naming the first tables that
    differ, and sees to it that the next build begins anew; RapportError where the models cannot be built.
    """
    home = settings.folders
    tell("building everything anew beside it, to compare")
    with aside_of(home) as aside:
        register(aside.database, settings, list(plan.batches))
        check_built(dbt.build_tables(settings, plan.as_of, aside.database))
        tell("comparing")
        followed, anew = _facts(home.database), _facts(aside.database)
    names = sorted(followed.keys() | anew.keys())
    found = [Difference(name, followed.get(name), anew.get(name)) for name in names]
    different = [one for one in found if one.followed != one.anew]
    record(
        home.audit_log,
        "verify incremental",
        outcome="different" if different else "equal",
        as_of=plan.as_of.isoformat(),
        tables=[one.table for one in different],
        code_version=plan.code_version,
    )
    if different:
        home.built_mark.unlink(missing_ok=True)
        more = [f"and {len(different) - _SHOWN} more"] if len(different) > _SHOWN else []
        told = "\n  ".join([*map(str, different[:_SHOWN]), *more])
        raise ProofError(
            f"{home.database}: {len(different)} of {len(names)} tables that followed what changed are not what a build "
            f"from all batches gives. Nothing was published, and the next run builds everything anew.\n  {told}"
        )
    return len(names)


def _facts(database: Path) -> dict[str, TableFacts]:
    """The rows and the digest of every table, but for those that say how a build followed on another."""
    with opened(database) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = current_database() and not internal and not temporary order by all"
        ).fetchall()
        return {
            f"{schema}.{table}": table_facts(connection, schema, table)
            for schema, table in tables
            if schema != "landing" or table not in FOLLOWING
        }
