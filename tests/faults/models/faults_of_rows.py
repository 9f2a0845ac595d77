"""Faults in which rows a model reads: filters, joins, unions, groups and windows."""

from collections.abc import Iterator
from functools import partial

from sqlglot import exp

from tests.faults.models.tree import Change, Model, conjuncts, drop_conjunct, nodes, place, shown


def filter_lost(model: Model) -> Iterator[Change]:
    """A condition of WHERE, HAVING or FILTER is left out."""
    for clause in nodes(model.tree, exp.Where, exp.Having):
        terms = conjuncts(clause.this)
        for term in terms:
            what = f"{place(clause)}: without {clause.key} {shown(term)}"
            if len(terms) > 1:
                yield Change(what, partial(drop_conjunct, term))
            elif isinstance(clause.parent, exp.Filter):
                yield Change(what, partial(clause.parent.replace, clause.parent.this))
            else:
                yield Change(what, clause.pop)


def inner_for_left_join(model: Model) -> Iterator[Change]:
    """Rows without a partner disappear."""
    for join in nodes(model.tree, exp.Join):
        if join.side in ("LEFT", "FULL"):
            yield Change(
                f"{place(join)}: inner for {join.side.lower()} join {shown(join.this)}", partial(_turn, join, "")
            )


def left_for_inner_join(model: Model) -> Iterator[Change]:
    """Rows without a partner stay."""
    for join in nodes(model.tree, exp.Join):
        if not join.side and join.kind in ("INNER", "") and join.args.get("on"):
            yield Change(f"{place(join)}: left for inner join {shown(join.this)}", partial(_turn, join, "LEFT"))


def _turn(join: exp.Join, side: str) -> None:
    join.set("side", side or None)
    join.set("kind", None if side else "INNER")


def fan_out_join(model: Model) -> Iterator[Change]:
    """A row has several partners: a condition of the join is left out, or what is joined has every row twice."""
    for join in nodes(model.tree, exp.Join):
        condition = join.args.get("on")
        terms = conjuncts(condition) if condition else []
        for term in terms if len(terms) > 1 else []:
            what = f"{place(join)}: join {shown(join.this)} without {shown(term)}"
            yield Change(what, partial(drop_conjunct, term))
        if isinstance(join.this, exp.Table):
            yield Change(f"{place(join)}: join {shown(join.this)} with every row twice", partial(_double, join.this))


def _double(table: exp.Table) -> None:
    name = table.alias_or_name
    bare = table.copy()
    bare.set("alias", None)
    rows = exp.select("*").from_(bare)
    table.replace(exp.union(rows, rows.copy(), distinct=False).subquery(name))


def window_without_total_order(model: Model) -> Iterator[Change]:
    """The last key of the order of a window or of an ordered aggregate is left out."""
    for order in nodes(model.tree, exp.Order):
        if not isinstance(order.parent, exp.Select) and len(order.expressions) > 1:
            last = order.expressions[-1]
            yield Change(f"{place(order)}: order without its last key {shown(last)}", last.pop)


def window_order_reversed(model: Model) -> Iterator[Change]:
    """The first key of a window's order runs the other way."""
    for order in nodes(model.tree, exp.Order):
        if not isinstance(order.parent, exp.Select):
            first = order.expressions[0]
            turned = partial(first.set, "desc", not first.args.get("desc"))
            yield Change(f"{place(order)}: order by {shown(first)} reversed", turned)


def window_partition_lost(model: Model) -> Iterator[Change]:
    """A column of PARTITION BY is left out."""
    for window in nodes(model.tree, exp.Window):
        for key in window.args.get("partition_by") or []:
            yield Change(f"{place(window)}: window without partition by {shown(key)}", partial(_lose_key, window, key))


def _lose_key(window: exp.Window, key: exp.Expression) -> None:
    window.set("partition_by", [one for one in window.args["partition_by"] if one is not key])


def union_changed(model: Model) -> Iterator[Change]:
    """UNION for UNION ALL or the other way round; one side of a union is left out."""
    for union in nodes(model.tree, exp.Union):
        distinct = bool(union.args.get("distinct"))
        what = f"{place(union)}: union{' all' if distinct else ''} for union{'' if distinct else ' all'}"
        yield Change(what, partial(union.set, "distinct", not distinct))
        for kept, lost in ((union.this, union.expression), (union.expression, union.this)):
            yield Change(f"{place(union)}: union without {shown(lost)}", partial(_keep, union, kept))


def _keep(union: exp.Union, kept: exp.Expression) -> None:
    clauses = union.args.get("with_") or union.args.get("with")
    union.replace(kept)
    if clauses:
        kept.set("with_", clauses)


def group_key_lost(model: Model) -> Iterator[Change]:
    """Groups are put together: a key is left out, and its column shows one of its values."""
    for group in nodes(model.tree, exp.Group):
        keys = group.expressions
        if len(keys) > 1 and not any(group.args.get(one) for one in ("grouping_sets", "cube", "rollup")):
            for key in keys:
                yield Change(f"{place(group)}: not grouped by {shown(key)}", partial(_lose_group, group, key))


def _lose_group(group: exp.Group, key: exp.Expression) -> None:
    select = group.parent
    key.pop()
    for projection in list(select.expressions):
        if projection.unalias() == key:
            projection.replace(exp.alias_(exp.Min(this=key.copy()), projection.alias_or_name))


def distinct_lost(model: Model) -> Iterator[Change]:
    """SELECT for SELECT DISTINCT."""
    for select in nodes(model.tree, exp.Select):
        if select.args.get("distinct"):
            yield Change(f"{place(select)}: select for select distinct", partial(select.set, "distinct", None))
