"""What can go wrong in a source. Each fault changes the files of one night; where, the seed decides."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from pipelines.demo.write import FILES, generate
from tests.faults.sources.files import Row, change, read, write

_DATES = {"order": "ordered_at", "payment": "paid_at", "lead": "created_at", "activity": "occurred_at"}
_AMOUNTS = {"order_line": "unit_price", "payment": "amount", "invoice": "amount", "opportunity": "amount"}
_CUSTOMERS = ("order", "invoice", "opportunity", "ticket")
_RENAMED = {"order": "ordered_at", "order_line": "unit_price", "payment": "amount", "activity": "kind"}
_EMPTIED = {"order": "channel", "payment": "method", "account": "country", "opportunity": "owner_user_id"}
_NEIGHBOURS = {
    "order": ("country", "province"),
    "order_line": ("quantity", "unit_price"),
    "account": ("country", "province"),
    "opportunity": ("stage", "pipeline"),
}


@dataclass(frozen=True)
class Night:
    """What a fault is made of: tonight's files, those of earlier nights, and the scale of the company."""

    source: Path
    earlier: tuple[Path, ...]
    scale: float
    at: datetime


@dataclass(frozen=True)
class Fault:
    """A fault. `expects` says what must become of it: stopped, quarantined, or (where it is plausible) anything.

    `inject` returns what it did, and the keys (entity, key) of the rows that must be quarantined, if any. `reason` says
    of a plausible fault why nobody can tell it from valid data.
    """

    name: str
    expects: str
    inject: Callable[[Night, Random], tuple[str, set[tuple[str, str]]]]
    reason: str = ""


def _rows_dropped(night: Night, random: Random) -> tuple[str, set]:
    entity = random.choice(["order", "order_line", "payment", "account", "lead"])
    columns, rows = read(night.source, entity)
    kept = [row for row in rows if random.random() > 0.4]
    write(night.source, entity, columns, kept)
    return f"{len(rows) - len(kept)} of {len(rows)} rows of {entity} dropped", set()


def _rows_doubled(night: Night, random: Random) -> tuple[str, set]:
    entity, key = random.choice([("order_line", "order_line_id"), ("payment", "payment_id"), ("invoice", "invoice_id")])
    columns, rows = read(night.source, entity)
    picked = _some(_clean(rows, key), random)
    write(night.source, entity, columns, rows + picked)
    return f"{len(picked)} rows of {entity} doubled", {(entity, row[key]) for row in picked}


def _shuffled(night: Night, random: Random) -> tuple[str, set]:
    entity = random.choice(_CUSTOMERS)
    columns, rows = read(night.source, entity)
    owners = [row["account_id"] for row in rows]
    random.shuffle(owners)
    write(night.source, entity, columns, [{**row, "account_id": o} for row, o in zip(rows, owners, strict=True)])
    return f"{entity} shuffled between customers", set()


def _scaled(factor: str) -> Callable[[Night, Random], tuple[str, set]]:
    def inject(night: Night, random: Random) -> tuple[str, set]:
        entity, column = random.choice(list(_AMOUNTS.items()))
        change(night.source, entity, lambda row: {**row, column: _times(row[column], factor)})
        return f"{entity}.{column} times {factor}", set()

    return inject


def _currency(night: Night, random: Random) -> tuple[str, set]:
    entity = random.choice(["order", "payment", "invoice"])
    columns, rows = read(night.source, entity)
    column = "currency"
    swapped = {"EUR": "USD", "USD": "EUR", "": "USD"}
    write(night.source, entity, columns, [{**r, column: swapped.get(r.get(column, ""), "EUR")} for r in rows])
    return f"{entity}.currency swapped", set()


def _moved(delta: timedelta, what: str) -> Callable[[Night, Random], tuple[str, set]]:
    def inject(night: Night, random: Random) -> tuple[str, set]:
        entity, column = random.choice(list(_DATES.items()))
        change(night.source, entity, lambda row: {**row, column: _later(row[column], delta)})
        return f"{entity}.{column} {what}", set()

    return inject


def _renamed(night: Night, random: Random) -> tuple[str, set]:
    entity, column = random.choice(list(_RENAMED.items()))
    columns, rows = read(night.source, entity)
    names = [f"{name}_neu" if name == column else name for name in columns]
    write(night.source, entity, names, [{f"{column}_neu": row[column], **row} for row in rows])
    return f"{entity}.{column} renamed", set()


def _neighbours(night: Night, random: Random) -> tuple[str, set]:
    entity, (left, right) = random.choice(list(_NEIGHBOURS.items()))
    change(night.source, entity, lambda row: {**row, left: row[right], right: row[left]})
    return f"{entity}: {left} and {right} swapped", set()


def _emptied(night: Night, random: Random) -> tuple[str, set]:
    entity, column = random.choice(list(_EMPTIED.items()))
    change(night.source, entity, lambda row: {**row, column: ""})
    return f"{entity}.{column} emptied", set()


def _half(night: Night, random: Random) -> tuple[str, set]:
    entity = random.choice(["order", "payment", "account", "ticket"])
    file = night.source / FILES[entity]
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: len(lines) // 2]))
    return f"half of {file.name}", set()


def _cut(night: Night, random: Random) -> tuple[str, set]:
    file = night.source / FILES[random.choice(["activity", "lead"])]
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * random.randint(30, 90) // 100])
    return f"{file.name} cut within", set()


def _missing(night: Night, random: Random) -> tuple[str, set]:
    file = night.source / FILES[random.choice(["order", "payment", "account", "exchange_rate"])]
    file.unlink()
    return f"{file.name} not delivered", set()


def _stale(night: Night, random: Random) -> tuple[str, set]:
    entity = random.choice(["order", "payment", "opportunity", "activity"])
    shutil.copyfile(night.earlier[0] / FILES[entity], night.source / FILES[entity])
    return f"{FILES[entity]} of long ago", set()


def _yesterday(night: Night, _: Random) -> tuple[str, set]:
    for name in FILES.values():
        shutil.copyfile(night.earlier[-1] / name, night.source / name)
    return "all files of the night before", set()


def _other_company(night: Night, random: Random) -> tuple[str, set]:
    other = night.source.parent / "other"
    generate(other, scale=night.scale, seed=random.randint(100, 999), at=night.at)
    entity = random.choice(["order", "account", "payment"])
    shutil.copyfile(other / "source" / FILES[entity], night.source / FILES[entity])
    return f"{FILES[entity]} of another company", set()


def _garbled(night: Night, random: Random) -> tuple[str, set]:
    entity, key, column = random.choice(
        [("order_line", "order_line_id", "unit_price"), ("payment", "payment_id", "amount")]
    )
    columns, rows = read(night.source, entity)
    picked = {id(row): row for row in _some(_clean(rows, key), random)}
    write(night.source, entity, columns, [{**r, column: "12,3.4x"} if id(r) in picked else r for r in rows])
    return f"{len(picked)} values of {entity}.{column} garbled", {(entity, row[key]) for row in picked.values()}


def _one_forged(night: Night, random: Random) -> tuple[str, set]:
    columns, rows = read(night.source, "payment")
    row = random.choice(rows)
    row["amount"] = _times(row["amount"], "1.1")
    write(night.source, "payment", columns, rows)
    return "one payment is ten percent higher", set()


CATALOGUE = (
    Fault("rows dropped", "stopped", _rows_dropped),
    Fault("rows doubled", "quarantined", _rows_doubled),
    Fault("rows shuffled between customers", "stopped", _shuffled),
    Fault("amounts x 100", "stopped", _scaled("100")),
    Fault("amounts / 100", "stopped", _scaled("0.01")),
    Fault("signs flipped", "stopped", _scaled("-1")),
    Fault("currency swapped", "stopped", _currency),
    Fault("dates shifted by a day", "stopped", _moved(timedelta(days=1), "a day later")),
    Fault("dates shifted by a time zone", "stopped", _moved(timedelta(hours=-9), "nine hours earlier")),
    Fault("column renamed", "stopped", _renamed),
    Fault("column swapped with its neighbour", "stopped", _neighbours),
    Fault("column emptied", "stopped", _emptied),
    Fault("half a file", "stopped", _half),
    Fault("file cut within", "stopped", _cut),
    Fault("file missing", "stopped", _missing),
    Fault("values garbled", "quarantined", _garbled),
    Fault("stale file", "stopped", _stale),
    Fault("file of another company", "stopped", _other_company),
    Fault(
        "yesterday's files again",
        "plausible",
        _yesterday,
        "A night in which nothing happened looks the same; nothing that was published before is lost by it.",
    ),
    Fault(
        "one value forged",
        "plausible",
        _one_forged,
        "A correction of one value in the source looks the same; it is published as a restatement, with the row.",
    ),
)


def _clean(rows: list[Row], key: str) -> list[Row]:
    """The rows that the demo did not spoil already, as far as their keys tell."""
    counted: dict[str, int] = {}
    for row in rows:
        counted[row[key]] = counted.get(row[key], 0) + 1
    return [row for row in rows if row[key] and counted[row[key]] == 1]


def _some(rows: list[Row], random: Random) -> list[Row]:
    return random.sample(rows, max(1, len(rows) * 3 // 100))


def _times(value: str, factor: str) -> str:
    try:
        return f"{Decimal(value) * Decimal(factor):.4f}"
    except ArithmeticError:
        return value


def _later(value: str, delta: timedelta) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (moment + delta).isoformat(sep="T" if "T" in value else " ")
