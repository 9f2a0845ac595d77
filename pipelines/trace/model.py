"""What a trace found: the figure, its rows, the lines of the sources, and what was left out."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Number = Decimal | int | float


@dataclass(frozen=True)
class Line:
    """A landed line. `raw` are its values as text; `value` is what they are worth, exact, where that can be said."""

    record: str
    source: str
    table: str
    batch: str
    file: str
    line: int
    raw: dict[str, str | None]
    value: Number | None


@dataclass(frozen=True)
class Row:
    """A row of a figure. `value` is what it adds; `counted` the key that is counted, where a key counts once."""

    record: str
    day: date | None
    value: Number | None
    lines: tuple[Line, ...]
    context: dict[str, Any]
    counted: str | None = None

    @property
    def exact(self) -> Number | None:
        """The value of the lines, None where it cannot be said of one of them."""
        values = [line.value for line in self.lines]
        return None if not values or None in values else sum(values)

    @property
    def rounding(self) -> Number | None:
        """What booking in cents added to the value of the lines."""
        return None if self.exact is None or self.value is None else self.value - self.exact


@dataclass(frozen=True)
class Excluded:
    """A line that is in no figure, and why. `record` is unknown where the line never became a row."""

    reason: str
    record: str | None
    day: date | None
    table: str
    batch: str
    file: str
    line: int


@dataclass(frozen=True)
class Part:
    """One sum, count or median: a figure, or one of the numbers that a ratio or difference is made of.

    `total` is what the rows make. `undated` counts lines, by reason, of which it is not known whether they would belong
    here. `problems` say where rows or lines do not make what they should.
    """

    name: str
    kind: str
    comparison: str
    total: Number | None
    rows: tuple[Row, ...]
    excluded: tuple[Excluded, ...] = ()
    undated: dict[str, int] = field(default_factory=dict)
    entity: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trace:
    """A published figure of one cell of a mart, and the parts it is made of. `metric` is its row of meta.metrics."""

    release: str
    as_of: str
    mart: str
    column: str
    cell: dict[str, Any]
    figure: Number | None
    formula: str | None
    metric: dict[str, str]
    parts: tuple[Part, ...]
    problems: tuple[str, ...]
