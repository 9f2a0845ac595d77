"""The demo company with many branches: how often the small company is there, and what is known of all of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from pipelines.demo.answers import known_answers
from pipelines.demo.answers_at_size import OF_THE_FIRST_BRANCH, answers_at_size
from pipelines.demo.branches import OF_THE_COMPANY, Block, is_whole, multiplied, tables
from pipelines.demo.company import build_company
from pipelines.demo.files import TextRow
from pipelines.demo.model import ENTITIES, columns_of
from pipelines.demo.parquet_files import write_groups
from pipelines.demo.size import Size, of_size
from pipelines.demo.spoil import SpoiltCompany, spoil
from pipelines.errors import ConfigError

# Measured on one core; only for saying beforehand about how long it takes.
ROWS_PER_SECOND = 900_000
_SAMPLE_ROWS = 50_000
_HOW_BRANCHES_ARE_NAMED = (
    "Each branch is the small company once more, with customers of its own. The first has its ids; in branch 7 ids, "
    "references, phones and tax numbers end with -7, and e-mail addresses have it before the @. A second copy of an "
    "activity ends with .1. Sections under of_the_first_branch name customers and rows of the first branch only, and "
    "are the same for the others; lines of quarantine.rows are those in the file of their kind. All other answers are "
    "about the whole company."
)


@dataclass(frozen=True)
class Plan:
    """What is going to be written: how many branches, activities and rows of each table, and about how many bytes."""

    size: Size
    rows: dict[str, int]
    bytes: int

    @property
    def all_rows(self) -> int:
        """The rows of all tables."""
        return sum(self.rows.values())

    def in_words(self) -> str:
        """Return what is going to be written, and about how long it takes."""
        branches = f"{self.size.branches:,} {'branch' if self.size.branches == 1 else 'branches'}"
        minutes = self.all_rows / ROWS_PER_SECOND / 60
        takes = "less than a minute" if minutes < 1 else f"about {minutes:.0f} to {2 * minutes:.0f} minutes"
        if minutes > 120:
            takes = f"about {minutes / 60:.0f} to {minutes / 30:.0f} hours"
        return (
            f"Writing {branches}: {self.rows['order']:,} orders, {self.rows['activity']:,} activities, "
            f"{self.all_rows:,} rows in all; about {in_bytes(self.bytes)}, {takes}."
        )


class LargeCompany:
    """The small company, and how often it is there."""

    def __init__(self, seed: int, scale: float, orders: int | None, activities: int | None) -> None:
        """Take how many rows of each there are to be at least; None means as many as the branches have.

        Raises ConfigError for fewer activities than the branches have anyway.
        """
        self.base = build_company(seed, scale)
        small = spoil(self.base)
        branches = _parts(orders or 1, len(small.rows["order"]))
        own = len(small.rows["activity"])
        if activities is not None and activities < branches * own:
            raise ConfigError(
                f"--activities {activities:,}: a company of {branches * len(small.rows['order']):,} orders has "
                f"{branches * own:,} activities anyway. Ask for more, or leave the option out."
            )
        self.size = Size(branches, max(branches, _parts(activities or 1, own)))
        # The same rows are spoilt: which ones does not depend on targets and budgets.
        self.spoilt: SpoiltCompany = spoil(multiplied(self.base, branches))

    def times(self, entity: str) -> int:
        """Return how often the rows of a table are there."""
        if entity in OF_THE_COMPANY:
            return 1
        return self.size.activities if entity == "activity" else self.size.branches

    def plan(self) -> Plan:
        """Return what is going to be written; the bytes are estimated from a few branches."""
        rows = {entity: len(found) * self.times(entity) for entity, found in self.spoilt.rows.items()}
        sizes = (self._bytes_of(entity) * self.times(entity) for entity in ENTITIES if entity not in OF_THE_COMPANY)
        return Plan(self.size, rows, int(sum(sizes)))

    def groups(self, entity: str, blocks: Iterator[Block]) -> Iterator[pa.Table]:
        """Yield the rows of a repeated table that are whole, as Arrow tables of text."""
        rows = [row.values for row in self.spoilt.rows[entity] if is_whole(entity, row)]
        yield from tables(entity, columns_of(entity), rows, blocks)

    def malformed(self, entity: str) -> list[TextRow]:
        """Return the rows of a repeated table that have too few values."""
        return [row for row in self.spoilt.rows[entity] if not is_whole(entity, row)]

    def answers(self) -> dict:
        """Return the known answers about all branches, and what of the small company's is not known here."""
        with of_size(self.size):
            one = known_answers(self.spoilt)
        one = {section: value for section, value in one.items() if section not in ("rows_read", "quarantine")}
        found, unknown = answers_at_size(one, self.size)
        plan_rows = {entity: len(rows) * self.times(entity) for entity, rows in self.spoilt.rows.items()}
        return {
            "size": {
                "branches": self.size.branches,
                "orders": plan_rows["order"],
                "activities": plan_rows["activity"],
                "rows": sum(plan_rows.values()),
            },
            "branch": _HOW_BRANCHES_ARE_NAMED,
            "of_the_first_branch": OF_THE_FIRST_BRANCH,
            "not_known_at_this_size": unknown,
            **found,
            "rows_read": plan_rows,
            "quarantine": self._quarantine(),
        }

    def _quarantine(self) -> dict:
        counts: dict[str, Counter] = {}
        rows = []
        for entity, found in self.spoilt.rows.items():
            once = entity in OF_THE_COMPANY
            lines = {True: 1 if once else 0, False: 1}
            for row in found:
                whole = once or is_whole(entity, row)
                lines[whole] += 1
                if row.reason:
                    counts.setdefault(entity, Counter())[row.reason] += self.times(entity)
                    rows.append({"entity": entity, "key": row.key, "reason": row.reason, "line": lines[whole]})
        return {
            "rows": rows,
            "counts": {entity: dict(sorted(found.items())) for entity, found in sorted(counts.items())},
        }

    def _bytes_of(self, entity: str) -> float:
        """Return about how many bytes the rows of one branch take."""
        sink = pa.BufferOutputStream()
        count = min(self.times(entity), max(1, _SAMPLE_ROWS // max(1, len(self.spoilt.rows[entity]))))
        blocks = (Block(branch) for branch in range(1000, 1000 + count))
        write_groups(sink, entity, self.groups(entity, blocks))
        return sink.tell() / count


def _parts(wanted: int, each: int) -> int:
    return -(-wanted // each)


def in_bytes(count: float) -> str:
    """Return a number of bytes as a person reads it, such as 1.2 GB."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:,.0f} {unit}" if unit in ("bytes", "KB") or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError
