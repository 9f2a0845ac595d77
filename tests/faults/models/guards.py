"""What stands between a fault and a reader: contracts, data tests, expectations, unit tests and known answers."""

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.quality.suites import QUERY, Declared, load_suites
from pipelines.releases.names import quote_name, quote_text
from tests.faults.models.catalogue import Mutant, mutated_test
from tests.faults.models.project import Project, UnitTest
from tests.faults.models.world import World

_PUBLISHED = re.compile(r"(?<!previous\.)\b(?:marts|core|audit|meta)\.(\w+)")


@dataclass(frozen=True)
class Guard:
    """A question that has to find no rows; it can be asked once the tables in `reads` are built."""

    layer: str
    name: str
    sql: str
    reads: frozenset[str]


def stopping(project: Project, suites: Path) -> list[Guard]:
    """Return everything that stops publication by its rows: dbt's data tests and the expectations."""
    tests = [Guard("data test", test.name, test.sql, test.reads) for test in project.tests.values()]
    declared, problems = load_suites(suites)
    assert not problems, problems
    return tests + [_expectation(one) for one in declared]


def _expectation(declared: Declared) -> Guard:
    query = _question(declared)
    reads = frozenset(_PUBLISHED.findall(query)) | {declared.table.split(".")[1]}
    return Guard("expectation", declared.name, query, reads)


def _question(declared: Declared) -> str:
    """The rows that an expectation does not expect, as Great Expectations would ask for them."""
    if QUERY in declared.kwargs:
        return declared.kwargs[QUERY].replace("{batch}", declared.table)
    column = quote_name(declared.kwargs["column"])
    if declared.type == "expect_column_values_to_not_be_null":
        return f"select * from {declared.table} where {column} is null"
    if declared.type == "expect_column_values_to_be_in_set":
        members = declared.kwargs["value_set"]
        allowed = ", ".join(quote_text(one) if isinstance(one, str) else str(one) for one in members)
        return f"select * from {declared.table} where {column} not in ({allowed})"
    raise NotImplementedError(f"{declared.name}: the mutation laboratory cannot ask {declared.type} yet.")


def fails(world: World, guard: Guard) -> bool:
    """Return whether a guard finds rows, or cannot be asked."""
    try:
        return world.connection.execute(f"select 1 from ({guard.sql}) limit 1").fetchone() is not None
    except duckdb.InterruptException:
        raise
    except duckdb.Error:
        return True


class UnitTests:
    """The unit tests of all models; each is expected to give what it gives for the model as it is."""

    def __init__(self, world: World, tests: list[UnitTest]) -> None:
        """Ask every test for its result; dbt has held it against the expected rows before."""
        self._world = world
        self._of: dict[str, list[tuple[UnitTest, list[tuple]]]] = {}
        for test in tests:
            self._of.setdefault(test.model, []).append((test, self._rows(test, test.sql)))

    def failing(self, mutant: Mutant) -> str | None:
        """Return the name of the first unit test of the mutant's model that notices it."""
        model = self._world.project.models[mutant.model]
        for test, expected in self._of.get(mutant.model, []):
            sql = mutated_test(mutant, model.sql, test.sql, self._world.types)
            if sql is None:
                continue
            try:
                rows = self._rows(test, sql)
            except duckdb.InterruptException:
                raise
            except duckdb.Error:
                return test.name
            if rows != expected:
                return test.name
        return None

    def _rows(self, test: UnitTest, sql: str) -> list[tuple]:
        columns = ", ".join(map(quote_name, test.columns)) or "*"
        return sorted(self._world.connection.execute(f"select {columns} from ({sql})").fetchall(), key=repr)
