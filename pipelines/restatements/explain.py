"""From one release to the next, cause by cause: each step applies one more cause and builds the marts again."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.memory import memory_limit
from pipelines.progress import say
from pipelines.releases.names import quote_name, quote_text, table_name
from pipelines.restatements import causes as cause
from pipelines.restatements.changes import (
    Deliveries,
    Staged,
    apply_causes,
    find_changes,
    keep_staged,
    list_changed_rows,
)
from pipelines.restatements.figures import (
    PARTS,
    Mart,
    compare,
    forget_state,
    keep_state,
    marts_of,
    show_release,
    start_parts,
)
from pipelines.restatements.rebuild import Model, rebuild, upstream
from pipelines.sources.catalog import load_contract

STAGING = "staging"


@dataclass(frozen=True)
class Between:
    """Two releases: their databases, and what else is different besides the rows of their sources.

    `models` are compiled for the later release; `models_then`, with the rules of now, for the instant of the earlier
    one, if its rules were others (else None); `later_rules_differ` says that those of the later one are not those of
    now either. `closed_by` is the local day of the earlier release: what had ended by then is closed.
    """

    earlier: Path
    later: Path
    models: list[Model]
    models_then: list[Model] | None
    later_rules_differ: bool
    same_instant: bool
    closed_by: date
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """A warehouse that can be changed without changing it: what is not changed is read where it was built.

    In it the rows of its sources are compared with those of a release; `causes_of` has, by the unique id of each
    staging model, the causes for which its rows differ.
    """

    connection: duckdb.DuckDBPyConnection
    delivered: Deliveries
    staged: list[Staged]
    causes_of: dict[str, set[str]]

    @property
    def causes(self) -> list[str]:
        """The causes for which any row differs, in the order in which they are applied."""
        found = set().union(*self.causes_of.values())
        return [name for name in cause.OF_ROWS if name in found]


@contextmanager
def compared(warehouse: Path, models: list[Model], delivered: Deliveries) -> Iterator[Comparison]:
    """Give a comparison of what the sources say in `warehouse`, whose `models` were built, and what they had said."""
    with duckdb.connect(config={"memory_limit": memory_limit()}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        # what does not fit into memory is personal as well: it stays where the warehouse is
        connection.execute(f"set temp_directory = {quote_text(str(warehouse.parent / 'spilled'))}")
        # under the name that the models' SQL has for it
        connection.execute(f"attach {quote_text(str(warehouse))} as built (read_only)")
        connection.execute(f"attach ':memory:' as {quote_name(warehouse.stem)}")
        connection.execute(f"use {quote_name(warehouse.stem)}")
        _show_built(connection)
        staged = _staged(models)
        causes_of = {}
        for one in staged:
            keep_staged(connection, one, delivered)
            causes_of[one.unique_id] = find_changes(connection, one)
        for one in staged:
            list_changed_rows(connection, one, staged)
        yield Comparison(connection, delivered, staged, causes_of)


def _show_built(connection: duckdb.DuckDBPyConnection) -> None:
    """Make a view of each table of the database `built`, and its views themselves, which then read those."""
    own = "database_name = 'built' and not internal"
    schemas, tables, views = (
        connection.execute(f"select {what} where {own}").fetchall()
        for what in (
            "schema_name from duckdb_schemas()",
            "schema_name, table_name from duckdb_tables()",
            "sql from duckdb_views()",
        )
    )
    for (schema,) in schemas:
        connection.execute(f"create schema if not exists {quote_name(schema)}")
    for schema, table in tables:
        place = table_name(schema, table)
        connection.execute(f"create view {place} as from built.{place}")
    # a view cannot be made before what it reads
    while views:
        waiting = [view for view in views if not _is_made(connection, *view)]
        if len(waiting) == len(views):
            connection.execute(*views[0])
        views = waiting


def _is_made(connection: duckdb.DuckDBPyConnection, view: str) -> bool:
    try:
        connection.execute(view)
    except duckdb.CatalogException:
        return False
    return True


def explain(comparison: Comparison, between: Between, closed_only: bool) -> None:
    """Fill the table `restatement.parts`: what each cause changed, figure by figure.

    With `closed_only`, figures of closed periods count only, and nothing is built where none of them differs.
    """
    connection = comparison.connection
    marts = marts_of(between.manifest, connection)
    for name, database in (("earlier", between.earlier), ("later", between.later)):
        connection.execute(f"attach {quote_text(str(database))} as {name} (read_only)")
    for name in ("earlier", "later"):
        published = connection.execute(
            "select table_name from duckdb_tables() where database_name = ? and schema_name = 'marts'", [name]
        ).fetchall()
        marts = [mart for mart in marts if (mart.name,) in published]
    show_release(connection, marts, "first", "earlier")
    show_release(connection, marts, "last", "later")
    start_parts(connection)
    for mart in marts:
        compare(connection, mart, ("first", "last"), 0, "", between.closed_by)
    where = "where is_closed" if closed_only else ""
    differing = {name for (name,) in connection.execute(f"select distinct mart from {PARTS} {where}").fetchall()}
    start_parts(connection)
    marts = [mart for mart in marts if mart.name in differing]
    if marts:
        _apply_steps(comparison, between, marts)


def _apply_steps(comparison: Comparison, between: Between, marts: list[Mart]) -> None:
    connection, steps = comparison.connection, comparison.causes
    plan: list[tuple[str, list[str], list[Model]]] = []
    if between.models_then is not None:
        plan.append((cause.RULES, [], between.models_then))
    if not between.same_instant:
        plan.append((cause.TIME, [], between.models))
    elif between.models_then is None and not steps:
        plan.append((cause.UNEXPLAINED, [], between.models))
    plan += [(name, steps[: place + 1], between.models) for place, name in enumerate(steps)]
    if between.later_rules_differ:
        plan.append((cause.RULES, steps, between.models))
    shown, states = _Shown(comparison, between.models), dict.fromkeys(marts, "first")
    for number, (name, wanted, models) in enumerate(plan, start=1):
        say("explain", f"{name} ({number} of {len(plan)})")
        after, moved = "last", marts
        if number < len(plan):
            after = f"step_{number}"
            changed = shown.show(wanted, upstream(models, {_unique_id(mart) for mart in marts}))
            moved = [mart for mart in marts if states[mart] == "first" or _unique_id(mart) in changed]
        for mart in moved:
            if after != "last":
                keep_state(connection, mart, after)
            compare(connection, mart, (states[mart], after), number, name, between.closed_by)
            if states[mart] != "first":
                forget_state(connection, mart, states[mart])
            states[mart] = after


def _unique_id(mart: Mart) -> str:
    return f"model.rapport.{mart.name}"


class _Shown:
    """What the tables of a comparison show: which causes each staging model has, and what each model was built by.

    At first they show the warehouse: its own models, and everything that was delivered.
    """

    def __init__(self, comparison: Comparison, models: list[Model]) -> None:
        self._comparison = comparison
        self._causes = dict(comparison.causes_of)
        self._rules = {model.unique_id: model.rules for model in models}

    def show(self, wanted: list[str], models: list[Model]) -> set[str]:
        """Build `models` as if, of all that changed, only the causes `wanted` had; return those that say otherwise."""
        connection, changed = self._comparison.connection, set()
        for one in self._comparison.staged:
            causes = self._comparison.causes_of[one.unique_id].intersection(wanted)
            if causes != self._causes[one.unique_id]:
                apply_causes(connection, one, wanted, self._comparison.delivered)
                self._causes[one.unique_id] = causes
                changed.add(one.unique_id)
        changed |= {model.unique_id for model in models if model.rules != self._rules.get(model.unique_id)}
        self._rules |= {model.unique_id: model.rules for model in models}
        return rebuild(connection, [model for model in models if model.unique_id not in self._causes], changed)


def _staged(models: list[Model]) -> list[Staged]:
    contract = load_contract()
    found = []
    for model in models:
        entity = model.name.partition("__")[2]
        if model.schema == STAGING and entity in contract:
            reads_staged = any(need.startswith("model.") for need in model.needs)
            found.append(
                Staged(model.unique_id, model.schema, model.name, entity, contract[entity], model.sql, reads_staged)
            )
    return found
