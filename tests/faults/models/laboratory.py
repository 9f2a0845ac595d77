"""Makes a model wrong and finds out who notices."""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.demo.calendar import AS_OF
from pipelines.paths import EXPECTATIONS
from pipelines.restatements import causes
from pipelines.restatements.changes import SCHEMA
from pipelines.restatements.figures import PARTS, compare, keep_state, marts_of, start_parts
from tests.faults.models.catalogue import Mutant, mutants, mutants_of_kind, mutated
from tests.faults.models.guards import UnitTests, fails, stopping
from tests.faults.models.known_answers import KnownAnswers
from tests.faults.models.project import UnitTest, load_project
from tests.faults.models.tree import parse, render
from tests.faults.models.world import World

_LONGEST = 120  # seconds


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    `stopped` is what would have stopped its publication (error, contract, data test, expectation), `by` its name.
    `unit_test` and `known_answer` are the first test of the developers that failed. `changed` says whether the mutant's
    own table became another on the demo. `restated` is a figure of a closed period that is another one now, where
    nothing stopped the mutant: with a release before, it would have waited for somebody to accept it. A mutant that
    cannot even be planned is not `valid`: anybody would notice.
    """

    mutant: Mutant
    valid: bool = True
    stopped: str | None = None
    by: str = ""
    unit_test: str | None = None
    known_answer: str | None = None
    changed: bool = True
    restated: str | None = None

    @property
    def caught(self) -> bool:
        """Whether anything noticed the fault."""
        return bool(self.stopped or self.unit_test or self.known_answer)


class Laboratory:
    """A demo company's warehouse, with all that guards it."""

    def __init__(self, home: Path, tests: list[UnitTest], known_answers: bool = True) -> None:
        """`home` has been published and its unit tests are `tests`; nothing in it is changed.

        Without `known_answers` the golden tests are left out: finding out which hold takes a while.
        """
        self.project = load_project(home / "warehouse" / "dbt")
        self.world = World(home / "warehouse" / "warehouse.duckdb", self.project)
        self._stopping = stopping(self.project, EXPECTATIONS)
        self._unit_tests = UnitTests(self.world, tests)
        manifest = json.loads((home / "warehouse" / "dbt" / "manifest.json").read_text(encoding="utf-8"))
        self.world.connection.execute(f"create schema {SCHEMA}")
        self._marts = marts_of(manifest, self.world.connection)
        for mart in self._marts:
            keep_state(self.world.connection, mart, "published")
        self._known_answers = KnownAnswers(self.world, home) if known_answers else None

    def mutants(self, model: str, kind: str | None = None) -> list[Mutant]:
        """Return every mutant of a model, or those of one kind."""
        sql, types = self.project.models[model].sql, self.world.types
        return mutants_of_kind(model, kind, sql, types) if kind else mutants(model, sql, types)

    def sql(self, mutant: Mutant) -> str:
        """Return the SQL of a mutant."""
        return mutated(mutant, self.project.models[mutant.model].sql, self.world.types)

    def wrong_already(self) -> list[str]:
        """Return what fails without any fault, and the models that are not what their SQL makes when parsed."""
        found = [guard.name for guard in self._stopping if fails(self.world, guard)]
        for name in self.project.order:
            model = self.project.models[name]
            with self.world.undone():
                if name in self.project.candidates and self.world.build(model, render(parse(model.sql))):
                    found.append(f"{name}: another content after parsing")
                elif model.sql is None and self.world.build(model):
                    found.append(f"{name}: another content when built again")
        return found

    def examine(self, mutant: Mutant) -> Outcome:
        """Return who notices a mutant; the world is as before afterwards."""
        sql = self.sql(mutant)
        try:
            shape = self.world.shape(sql)
        except duckdb.Error:
            return Outcome(mutant, valid=False)
        with self.world.undone():
            try:
                with self.world.within(_LONGEST):
                    return self._examined(mutant, sql, shape)
            except duckdb.InterruptException:
                return Outcome(mutant, stopped="error", by="it did not come to an end")

    def _examined(self, mutant: Mutant, sql: str, shape: dict[str, str]) -> Outcome:
        model = self.project.models[mutant.model]
        changed, restated = True, None
        if model.is_contract and shape != self.world.types[model.name]:
            stopped, by = "contract", "columns and types"
        else:
            try:
                changed = self.world.build(model, sql)
                stopped, by = self._stopped(model.name) if changed else (None, "")
                restated = self._restated() if changed and not stopped else None
            except duckdb.InterruptException:
                raise
            except duckdb.Error as error:
                stopped, by = "error", str(error).splitlines()[0][:100]
        unit_test = self._unit_tests.failing(mutant)
        known = None
        if self._known_answers and changed and not stopped and not unit_test:
            known = self._known_answers.failing()
        return Outcome(mutant, True, stopped, by, unit_test, known, changed, restated)

    def _restated(self) -> str | None:
        """Return a figure of a closed period that is not what it was, as `mart.metric`; None if all are."""
        connection = self.world.connection
        marts = [mart for mart in self._marts if self.world.is_changed(self.project.models[mart.name])]
        for mart in marts:
            keep_state(connection, mart, "tonight")
        start_parts(connection)
        for mart in marts:
            compare(connection, mart, ("published", "tonight"), 0, causes.RULES, AS_OF.date())
        found = connection.execute(f"select mart, metric from {PARTS} where is_closed order by all limit 1").fetchone()
        return ".".join(found) if found else None

    def _stopped(self, name: str) -> tuple[str | None, str]:
        """Build what follows from a model that has changed, until something stops it; return layer and name."""
        changed, waiting = {name}, self.project.downstream(name)
        asked: set[str] = set()
        while True:
            for guard in self._stopping:
                if guard.name not in asked and guard.reads & changed and not guard.reads & set(waiting):
                    asked.add(guard.name)
                    if fails(self.world, guard):
                        return guard.layer, guard.name
            if not waiting:
                return None, ""
            model = self.project.models[waiting.pop(0)]
            if model.reads & changed and self.world.build(model):
                changed.add(model.name)
