"""What the faults share: reading compiled SQL, where in it something stands, and which columns a relation has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot import exp

FIXTURE = "__dbt__cte__"
_SHOWN = 110

Types = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Change:
    """One thing that can be made wrong in a parsed model: what it is, for a person, and the edit of the tree."""

    what: str
    make: Callable[[], object]


@dataclass(frozen=True)
class Model:
    """A parsed model and what is known of the relations it reads: table -> column -> type, its own included."""

    name: str
    tree: exp.Expression
    types: Types

    @cached_property
    def ctes(self) -> dict[str, exp.Expression]:
        """The CTEs by name."""
        return {cte.alias: cte.this for cte in nodes(self.tree, exp.CTE)}

    @cached_property
    def known(self) -> dict[int, dict[str, str]]:
        """The columns of the selects that were asked for already, by the identity of the select."""
        return {}


def parse(sql: str) -> exp.Expression:
    """Return the syntax tree of a model's compiled SQL."""
    return sqlglot.parse_one(sql, read="duckdb")


def render(tree: exp.Expression) -> str:
    """Return the SQL of a tree."""
    return tree.sql(dialect="duckdb")


def nodes(tree: exp.Expression, *kinds: type) -> list:
    """Return the nodes of these kinds in the order in which they are written."""
    return [node for node in tree.walk(bfs=False) if isinstance(node, kinds)]


def shown(node: exp.Expression | str) -> str:
    """Return a piece of SQL on one line, shortened, the same in a model and in its unit tests."""
    text = node if isinstance(node, str) else render(node)
    text = " ".join(text.replace(FIXTURE, "").replace('"', "").split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 4] + " ..."


def place(node: exp.Expression) -> str:
    """Return the column and the CTE that a node stands in."""
    cte = node.find_ancestor(exp.CTE)
    alias = node if isinstance(node, exp.Alias) else node.find_ancestor(exp.Alias, exp.CTE)
    where = cte.alias if cte else "the last select"
    return f"{where}.{alias.alias}" if isinstance(alias, exp.Alias) and alias.alias else where


def conjuncts(condition: exp.Expression) -> list[exp.Expression]:
    """Return the conditions that `and` connects."""
    return list(condition.flatten(unnest=False)) if isinstance(condition, exp.And) else [condition]


def drop_conjunct(term: exp.Expression) -> None:
    """Take one condition out of several that `and` connects."""
    both = term.parent
    both.replace(both.expression if both.this is term else both.this)


def sources(select: exp.Select) -> dict[str, exp.Expression]:
    """Return what a select reads: alias -> table, CTE or sub-select."""
    start = select.args.get("from_") or select.args.get("from")
    found = [start.this] if start else []
    found += [join.this for join in select.args.get("joins") or []]
    return {table_name(one.alias_or_name): one for one in found}


def table_name(name: str) -> str:
    """Return the name of a model, also where a unit test has put a fixture in its place."""
    return name.removeprefix(FIXTURE)


def columns_of(source: exp.Expression, model: Model) -> dict[str, str]:
    """Return the columns of what a select reads and their types, as far as they can be told."""
    if isinstance(source, exp.Subquery):
        return _selected(source.this, model)
    if not isinstance(source, exp.Table):
        return {}
    cte = model.ctes.get(source.name)
    if source.db or source.name.startswith(FIXTURE) or cte is None:
        return model.types.get(table_name(source.name), {})
    return _selected(cte, model)


def _selected(query: exp.Expression, model: Model) -> dict[str, str]:
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    if not isinstance(query, exp.Select):
        return {}
    if id(query) not in model.known:
        model.known[id(query)] = _projected(query, model)
    return model.known[id(query)]


def _projected(query: exp.Select, model: Model) -> dict[str, str]:
    found: dict[str, str] = {}
    for projection in query.expressions:
        value = projection.unalias()
        if isinstance(value, exp.Star):
            for source in sources(query).values():
                found |= columns_of(source, model)
        elif isinstance(value, exp.Column) and isinstance(value.this, exp.Star):
            source = sources(query).get(table_name(value.table))
            found |= columns_of(source, model) if source else {}
        else:
            found[projection.alias_or_name] = type_of(value, model)
    return found


def type_of(value: exp.Expression, model: Model) -> str:
    """Return the type of a column, a cast, or the least or greatest of a column; nothing where it cannot be told."""
    while isinstance(value, exp.Min | exp.Max | exp.Window | exp.Filter | exp.Paren):
        value = value.this
    if isinstance(value, exp.Cast):
        return render(value.to)
    if not isinstance(value, exp.Column):
        return ""
    return next((columns[value.name] for columns in _readable(value, model) if value.name in columns), "")


def siblings(column: exp.Column, model: Model) -> Iterator[str]:
    """Give the other columns of the same relation that have the same type."""
    kind = type_of(column, model)
    for columns in _readable(column, model):
        if kind and column.name in columns:
            yield from (name for name in sorted(columns) if columns[name] == kind and name != column.name)
            return


def _readable(column: exp.Column, model: Model) -> Iterator[dict[str, str]]:
    """Give the relations that a column can come from."""
    select = column.parent_select
    if isinstance(select, exp.Select):
        for name, source in sources(select).items():
            if not column.table or table_name(column.table) == name:
                yield columns_of(source, model)


def output(tree: exp.Expression) -> exp.Expression:
    """Return the select that makes a model's columns: the CTE `final`, or the last select."""
    last = next((cte.this for cte in reversed(nodes(tree, exp.CTE)) if cte.alias == "final"), None)
    return last if last is not None else tree
