"""The kinds of faults, and the mutants that they make of a model."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from tests.faults.models import faults_of_rows as rows
from tests.faults.models import faults_of_values as values
from tests.faults.models.tree import FIXTURE, Change, Model, Types, parse, render

Fault = Callable[[Model], Iterator[Change]]

NAMED: dict[str, Fault] = {
    "filter lost": rows.filter_lost,
    "inner for left join": rows.inner_for_left_join,
    "fan-out join": rows.fan_out_join,
    "wrong date role": values.wrong_date_role,
    "count for count distinct": values.count_for_count_distinct,
    "average of averages": values.average_of_averages,
    "window without total order": rows.window_without_total_order,
    "dropped (unknown)": values.dropped_unknown,
}
KINDS: dict[str, Fault] = {
    **NAMED,
    "left for inner join": rows.left_for_inner_join,
    "window order reversed": rows.window_order_reversed,
    "window partition lost": rows.window_partition_lost,
    "union changed": rows.union_changed,
    "group key lost": rows.group_key_lost,
    "distinct lost": rows.distinct_lost,
    "other aggregate": values.other_aggregate,
    "limit moved": values.limit_moved,
    "arithmetic": values.arithmetic,
    "default lost": values.default_lost,
    "constant changed": values.constant_changed,
    "case branch lost": values.case_branch_lost,
    "columns swapped": values.columns_swapped,
    "logic": values.logic,
}


@dataclass(frozen=True, order=True)
class Mutant:
    """One fault in one model; `number` counts the places of its kind in the model. `what` is unique in the model."""

    model: str
    kind: str
    number: int
    what: str


def mutants(name: str, sql: str, types: Types) -> list[Mutant]:
    """Return every mutant of a model's compiled SQL, in the order in which it is written; always the same ones."""
    return [mutant for kind in KINDS for mutant in mutants_of_kind(name, kind, sql, types)]


def mutants_of_kind(name: str, kind: str, sql: str, types: Types) -> list[Mutant]:
    """Return the mutants of one kind."""
    found = []
    seen: Counter[str] = Counter()
    for number, change in enumerate(KINDS[kind](Model(name, parse(sql), types))):
        seen[change.what] += 1
        again = f" ({seen[change.what]})" if seen[change.what] > 1 else ""
        found.append(Mutant(name, kind, number, change.what + again))
    return found


def mutated(mutant: Mutant, sql: str, types: Types) -> str:
    """Return a model's SQL with the fault made."""
    return _made(mutant, parse(sql), types)


def mutated_test(mutant: Mutant, sql: str, test: str, types: Types) -> str | None:
    """Return the SQL of a unit test of the model with the fault made, or None where its model has other places.

    A unit test is the model with its inputs as CTEs in front, and may be compiled with other variables.
    """
    tree, places = parse(test), KINDS[mutant.kind](Model(mutant.model, parse(sql), types))
    fixtures = [cte for cte in tree.ctes if cte.alias.startswith(FIXTURE)]
    for cte in fixtures:
        cte.pop()
    if not tree.ctes:
        tree.set("with_", None)
    if len(list(KINDS[mutant.kind](Model(mutant.model, tree, types)))) != len(list(places)):
        return None
    made = parse(_made(mutant, tree, types))
    rest = made.ctes
    made.set("with_", exp.With(expressions=[*fixtures, *rest], recursive=_is_recursive(made)))
    return render(made)


def _is_recursive(tree: exp.Expression) -> bool:
    clause = tree.args.get("with_")
    return bool(clause and clause.recursive)


def _made(mutant: Mutant, tree: exp.Expression, types: Types) -> str:
    holder = exp.Subquery(this=tree)  # so that the last select, too, is a part of something and can be replaced
    list(KINDS[mutant.kind](Model(mutant.model, tree, types)))[mutant.number].make()
    return render(holder.this)
