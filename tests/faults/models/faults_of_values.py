"""Faults in what a model makes of the rows it reads: dates, aggregates, ratios, defaults, conditions and constants."""

import re
from collections.abc import Iterator
from functools import partial

from sqlglot import exp

from tests.faults.models.tree import Change, Model, conjuncts, nodes, output, place, shown, siblings, type_of

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d.*")
_OTHER = {
    exp.Sum: exp.Max,
    exp.Max: exp.Min,
    exp.Min: exp.Max,
    exp.ArgMax: exp.ArgMin,
    exp.ArgMin: exp.ArgMax,
    exp.LogicalOr: exp.LogicalAnd,
    exp.LogicalAnd: exp.LogicalOr,
}
_MOVED = {exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT}


def wrong_date_role(model: Model) -> Iterator[Change]:
    """A date or an instant is taken from another column of the same relation, in all of a select or in one place."""
    uses: dict[tuple[int, str], list[exp.Column]] = {}
    for column in nodes(model.tree, exp.Column):
        if type_of(column, model).split("(")[0].upper() in ("DATE", "TIMESTAMP"):
            uses.setdefault((id(column.parent_select), column.sql()), []).append(column)
    for columns in uses.values():
        for other in siblings(columns[0], model):
            what = f"{other} for {shown(columns[0])}"
            yield Change(f"{place(columns[0]).split('.')[0]}: {what} everywhere", partial(_take, columns, other))
            for column in columns if len(columns) > 1 else []:
                yield Change(f"{place(column)}: {what} in {shown(_around(column))}", partial(_take, [column], other))


def _take(columns: list[exp.Column], name: str) -> None:
    for column in columns:
        new = exp.column(name, table=column.table or None)
        column.replace(exp.alias_(new, column.name) if isinstance(column.parent, exp.Select) else new)


def _around(node: exp.Expression) -> exp.Expression:
    """The smallest piece around a node that says how it is used."""
    return node.parent if not isinstance(node.parent, exp.Select | exp.Group) else node


def count_for_count_distinct(model: Model) -> Iterator[Change]:
    """An aggregate counts or adds the same thing several times."""
    for distinct in nodes(model.tree, exp.Distinct):
        if isinstance(distinct.parent, exp.AggFunc):
            what = f"{place(distinct)}: {shown(distinct.parent)} without distinct"
            yield Change(what, partial(distinct.replace, distinct.expressions[0]))


def average_of_averages(model: Model) -> Iterator[Change]:
    """A ratio of two sums is replaced by the mean of the ratios of what was added up."""
    for ratio in nodes(model.tree, exp.Div):
        names = [column.name for column in nodes(ratio, exp.Column)]
        if len(names) != 2:
            continue
        for select in nodes(model.tree, exp.Select):
            sums = [_sum(select, name) for name in names]
            if all(sums) and select is not ratio.parent_select:
                what = f"{place(ratio)}: mean of the ratios of {shown(sums[0])} and {shown(sums[1])}"
                yield Change(what, partial(_average, ratio, select, sums))


def _sum(select: exp.Select, name: str) -> exp.Sum | None:
    projection = next((one for one in select.expressions if one.alias_or_name == name), None)
    return projection.find(exp.Sum) if projection is not None else None


def _average(ratio: exp.Div, select: exp.Select, sums: list[exp.Sum]) -> None:
    above, below = (exp.cast(one.this.copy(), "double") for one in sums)
    mean: exp.Expression = exp.Avg(
        this=exp.Div(this=above, expression=exp.func("nullif", below, exp.Literal.number(0)))
    )
    if isinstance(sums[0].parent, exp.Filter):
        mean = exp.Filter(this=mean, expression=sums[0].parent.expression.copy())
    select.append("expressions", exp.alias_(mean, "mean_of_ratios"))
    table = next(column.table for column in nodes(ratio, exp.Column))
    ratio.replace(exp.column("mean_of_ratios", table=table or None))


def other_aggregate(model: Model) -> Iterator[Change]:
    """The greatest for the sum, the least for the greatest, all for any."""
    for aggregate in nodes(model.tree, *_OTHER):
        other = _OTHER[type(aggregate)]
        what = f"{place(aggregate)}: {other.sql_name().lower()} for {shown(aggregate)}"
        yield Change(what, partial(_rename, aggregate, other))
    for count in nodes(model.tree, exp.Count):
        if not isinstance(count.this, exp.Star | exp.Distinct):
            yield Change(f"{place(count)}: count of rows for {shown(count)}", partial(count.set, "this", exp.Star()))


def _rename(node: exp.Expression, kind: type[exp.Expression]) -> None:
    node.replace(kind(**{key: value for key, value in node.args.items() if value is not None}))


def limit_moved(model: Model) -> Iterator[Change]:
    """What lies exactly on a limit is on its other side."""
    for comparison in nodes(model.tree, *_MOVED):
        moved = partial(_rename, comparison, _MOVED[type(comparison)])
        yield Change(f"{place(comparison)}: limit of {shown(comparison)} moved", moved)


def arithmetic(model: Model) -> Iterator[Change]:
    """Minus for plus or the other way round; a factor or a divisor is left out."""
    for node in nodes(model.tree, exp.Add, exp.Sub):
        other = exp.Sub if isinstance(node, exp.Add) else exp.Add
        yield Change(f"{place(node)}: {shown(node)} with the other sign", partial(_rename, node, other))
    for node in nodes(model.tree, exp.Mul, exp.Div):
        what = f"{place(node)}: {shown(node)} without {shown(node.expression)}"
        yield Change(what, partial(node.replace, node.this))


def dropped_unknown(model: Model) -> Iterator[Change]:
    """What is not known stays NULL instead of being called (unknown), (none), ..."""
    yield from (change for change, named in _defaults(model) if named)


def default_lost(model: Model) -> Iterator[Change]:
    """COALESCE is left out: NULL stays NULL."""
    yield from (change for change, named in _defaults(model) if not named)


def _defaults(model: Model) -> Iterator[tuple[Change, bool]]:
    for default in nodes(model.tree, exp.Coalesce):
        last = default.expressions[-1] if default.expressions else None
        named = isinstance(last, exp.Literal) and last.is_string and last.name.startswith("(")
        change = Change(f"{place(default)}: {shown(default)} without default", partial(_without_default, default))
        yield change, named


def _without_default(default: exp.Coalesce) -> None:
    if len(default.expressions) > 1:
        default.expressions[-1].pop()
    else:
        default.replace(default.this)


def constant_changed(model: Model) -> Iterator[Change]:
    """A number is one more, a text another one, true is false."""
    for literal in nodes(model.tree, exp.Literal):
        if literal.find_ancestor(exp.DataType, exp.DataTypeParam, exp.Ordered, exp.Limit):
            continue
        if literal.is_string:
            if not _INSTANT.fullmatch(literal.name):
                new = exp.Literal.string(literal.name + "~")
                yield Change(_constant(literal, new), partial(literal.replace, new))
        elif literal.is_int:
            new = exp.Literal.number(int(literal.name) + 1)
            yield Change(_constant(literal, new), partial(literal.replace, new))
    for literal in nodes(model.tree, exp.Boolean):
        new = exp.Boolean(this=not literal.this)
        yield Change(_constant(literal, new), partial(literal.replace, new))


def _constant(old: exp.Expression, new: exp.Expression) -> str:
    return f"{place(old)}: {shown(new)} for {shown(old)} in {shown(_around(old))}"


def case_branch_lost(model: Model) -> Iterator[Change]:
    """A WHEN or the ELSE of a CASE is left out; the only WHEN applies always."""
    for case in nodes(model.tree, exp.Case):
        branches = case.args["ifs"]
        for branch in branches:
            what = f"{place(case)}: case without when {shown(branch.this)}"
            value = branch.args["true"]
            yield Change(what, branch.pop if len(branches) > 1 else partial(case.replace, value))
        default = case.args.get("default")
        if default is not None and not isinstance(default, exp.Null):
            yield Change(f"{place(case)}: case without else {shown(default)}", default.pop)


def columns_swapped(model: Model) -> Iterator[Change]:
    """Two neighbouring columns of the same type change their names."""
    select = output(model.tree)
    if not isinstance(select, exp.Select):
        return
    own = model.types.get(model.name, {})
    for one, next_one in zip(select.expressions, select.expressions[1:], strict=False):
        names = one.alias_or_name, next_one.alias_or_name
        if own.get(names[0]) and own.get(names[0]) == own.get(names[1]):
            yield Change(f"{names[0]} and {names[1]} swapped", partial(_swap, one, next_one))


def _swap(one: exp.Expression, other: exp.Expression) -> None:
    first, second = one.unalias().copy(), other.unalias().copy()
    names = one.alias_or_name, other.alias_or_name
    one.replace(exp.alias_(second, names[0]))
    other.replace(exp.alias_(first, names[1]))


def logic(model: Model) -> Iterator[Change]:
    """NOT is left out, IS NULL is turned, OR for AND outside of joins, a member of a list is left out."""
    for node in nodes(model.tree, exp.Not):
        yield Change(f"{place(node)}: {shown(node.this)} for {shown(node)}", partial(node.replace, node.this))
    for node in nodes(model.tree, exp.Is):
        if not isinstance(node.parent, exp.Not):
            yield Change(f"{place(node)}: {shown(node)} turned", partial(node.replace, exp.Not(this=node.copy())))
    for node in nodes(model.tree, exp.And):
        if not isinstance(node.parent, exp.And | exp.Join):
            terms = conjuncts(node)
            turned = exp.paren(exp.or_(*(term.copy() for term in terms)))
            yield Change(f"{place(node)}: or for and in {shown(node)}", partial(node.replace, turned))
    for node in nodes(model.tree, exp.In):
        for member in node.expressions if len(node.expressions) > 1 else []:
            yield Change(f"{place(node)}: {shown(node)} without {shown(member)}", member.pop)
