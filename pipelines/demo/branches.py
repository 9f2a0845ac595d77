"""Many branches of the small company, as columns of text.

A branch has its own customers and everything that belongs to them: each of its rows is a row of the small company,
whose ids and references, and whatever identifies a person, carry the number of the branch. The first branch is the
small company itself. Users, products, campaigns, targets, projects and rules are the company's, and there once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.files import TextRow
from pipelines.demo.model import ENTITIES, Company, columns_of

# The tables that are there once; those of every other table are there once in each branch.
OF_THE_COMPANY = frozenset(
    (
        *("user", "team", "product", "stage", "exchange_rate", "campaign", "target", "market_size"),
        *("competitor_observation", "project", "project_task", "report_publication", "report_decision"),
        *("sla_policy", "business_schedule", "holiday"),
    )
)
REPEATED = tuple(entity for entity in ENTITIES if entity not in OF_THE_COMPANY)
# What carries the branch at its end; an e-mail address does before its @.
_CARRIES = frozenset(
    (
        *("account_id", "contact_id", "lead_id", "opportunity_id", "order_id", "order_line_id", "return_id"),
        *("invoice_id", "payment_id", "subscription_id", "activity_id", "member_id", "touchpoint_id", "ticket_id"),
        *("event_id", "response_id", "change_id", "cost_id", "service_cost_id", "phone", "tax_id"),
    )
)
EMAIL = "email"
# What carries it where it is the id of a ticket: that into which another was merged.
_SOMETIMES = {("ticket_event", "to_value")}
# A project is the company's: only the costs of the first branch name one.
_FIRST_ONLY = {("cost", "project_id")}
GROUP_ROWS = 100_000


@dataclass(frozen=True)
class Block:
    """Rows of the small company once more: in the branch `branch`, as copy number `copy` there (both from 0)."""

    branch: int
    copy: int = 0

    @property
    def mark(self) -> str:
        """What ids and references of the branch end with: nothing in the first."""
        return f"-{self.branch}" if self.branch else ""

    @property
    def own_mark(self) -> str:
        """What the ids of the rows themselves end with."""
        return f"{self.mark}.{self.copy}" if self.copy else self.mark


def carries(entity: str, column: str) -> bool:
    """Return whether the values of a column of a repeated table carry the number of the branch."""
    return column == EMAIL or column in _CARRIES or (entity, column) in _SOMETIMES


def carried(entity: str, column: str, value: str, block: Block) -> str:
    """Return a value of the small company as the rows of `block` write it; an empty one stays empty."""
    if (entity, column) in _FIRST_ONLY and block.branch:
        return ""
    if not value or not carries(entity, column):
        return value
    head, tail = _parts(entity, column, value)
    mark = block.own_mark if column == columns_of(entity)[0] else block.mark
    return f"{head}{mark}{tail}" if tail is not None else value


def _parts(entity: str, column: str, value: str) -> tuple[str, str | None]:
    """Return what comes before and after the mark; a tail of None means that the value carries none."""
    if column == EMAIL:
        head, at, domain = value.partition("@")
        return head, at + domain
    if (entity, column) in _SOMETIMES:
        return value, "" if value.startswith("Q") else None
    return value, ""


def multiplied(company: Company, branches: int) -> Company:
    """Return the company with what its totals are compared with as large as `branches` branches make it.

    Targets, budgets of campaigns, sizes of markets, sales of competitors and the paid hours of service are; prices are
    not.
    """
    return replace(
        company,
        users=tuple(
            replace(one, weekly_hours=one.weekly_hours * branches) if one.role == "service" else one
            for one in company.users
        ),
        targets=tuple(replace(one, amount=one.amount * branches) for one in company.targets),
        campaigns=tuple(replace(one, budget=one.budget * branches) for one in company.campaigns),
        market_sizes=tuple(replace(one, size=one.size * branches) for one in company.market_sizes),
        competitor_observations=tuple(
            replace(one, value=one.value * branches) if one.kind == "sales" and one.value is not None else one
            for one in company.competitor_observations
        ),
    )


def blocks_of(entity: str, branches: int, activities: int) -> Iterator[Block]:
    """Yield the blocks of a repeated table in order; activities are there `activities` times, evenly in all branches.

    Where that does not come out even, the first branches have one copy more.
    """
    for branch in range(branches):
        copies = activities // branches + (branch < activities % branches) if entity == "activity" else 1
        yield from (Block(branch, copy) for copy in range(copies))


def is_whole(entity: str, row: TextRow) -> bool:
    """Return whether the row has as many values as its table has columns."""
    return len(row.values) == len(columns_of(entity))


def tables(
    entity: str, columns: Sequence[str], rows: Sequence[Sequence[str]], blocks: Iterator[Block]
) -> Iterator[pa.Table]:
    """Yield Arrow tables of text, about GROUP_ROWS rows each, with `rows` once for each block, in order.

    Empty values are null. No more than one of the tables is in memory.
    """
    texts = zip(*rows, strict=True) if rows else ((),) * len(columns)
    base = {name: _texts(values) for name, values in zip(columns, texts, strict=True)}
    per_group = max(1, GROUP_ROWS // max(1, len(rows)))
    tiles = _Tiles(entity, base, len(rows))
    blocks = iter(blocks)
    while group := list(islice(blocks, per_group)):
        yield pa.table([tiles.column(name, group) for name in columns], names=list(columns))


def _texts(values: Sequence[str]) -> pa.Array:
    return pa.array([value or None for value in values], pa.string())


class _Tiles:
    """The columns of the small company, several times below each other; kept for the next group of that size."""

    def __init__(self, entity: str, base: dict[str, pa.Array], rows: int) -> None:
        self.entity, self.base, self.rows = entity, base, rows
        self.own = next(iter(base))
        self.times, self.tiled, self.index = 0, {}, pa.array([], pa.int32())
        self.carrying = {name: _split(entity, name, base[name]) for name in base if carries(entity, name)}

    def column(self, name: str, group: list[Block]) -> pa.Array:
        """Return the column `name` of all blocks of the group."""
        if len(group) != self.times:
            self._tile(len(group))
        if (self.entity, name) in _FIRST_ONLY:
            return self._first_only(name, group)
        if name not in self.carrying:
            return self.tiled[name]
        marks = [block.own_mark if name == self.own else block.mark for block in group]
        if not any(marks):
            return self.tiled[name]
        head, tail, marked = self.tiled[name, "head"], self.tiled[name, "tail"], self.tiled[name, "marked"]
        joined = pc.binary_join_element_wise(head, pa.array(marks).take(self.index), tail, "")
        return joined if marked is None else pc.if_else(marked, joined, self.tiled[name])

    def _tile(self, times: int) -> None:
        def tile(array: pa.Array) -> pa.Array:
            return pa.concat_arrays([array] * times)

        self.times = times
        self.index = pa.array(chain.from_iterable([n] * self.rows for n in range(times)), pa.int32())
        self.tiled = {name: tile(array) for name, array in self.base.items()}
        for name, parts in self.carrying.items():
            for part, array in zip(("head", "tail", "marked"), parts, strict=True):
                self.tiled[name, part] = None if array is None else tile(array)

    def _first_only(self, name: str, group: list[Block]) -> pa.Array:
        nothing = pa.nulls(self.rows, pa.string())
        return pa.concat_arrays([nothing if block.branch else self.base[name] for block in group])


def _split(entity: str, name: str, array: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array | None]:
    """Return what comes before and after the mark, and which values carry one (None: all that are there)."""
    parts = [_parts(entity, name, value) if value else (None, None) for value in array.to_pylist()]
    heads = pa.array([head for head, _ in parts], pa.string())
    tails = pa.array([tail or "" if head else None for head, tail in parts], pa.string())
    marked = [tail is not None for _, tail in parts]
    return heads, tails, pa.array(marked) if (entity, name) in _SOMETIMES else None
