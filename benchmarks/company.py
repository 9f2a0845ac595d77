"""The company that is measured: a demo company of so many orders, and its next night."""

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from pipelines.demo.write import FILES, ensure_demo
from pipelines.paths import PROJECT

NIGHTS = ("2026-01-01T00:00:00", "2026-01-02T00:00:00")
# of the small company, of which larger ones have many branches; a part of it serves tests
_ORDERS_OF_A_BRANCH = 4000
# as docs/demo.md advises for a large company
_APPENDED = ("account", "activity", "order", "order_line")
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
_GOOD = ("confirmed", "delivered")
_IS_TIME = re.compile(r"202\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def orders_of(size: str) -> int:
    """Return how many orders `size` (200, 4k, 100k, 1m) stands for. Raises ValueError."""
    found = re.fullmatch(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[km]?)", size.strip().lower())
    if not found:
        raise ValueError(f"size {size!r}: write a number of orders, such as 4000, 4k, 100k or 1m")
    return round(float(found["number"]) * _UNITS[found["unit"]])


def write_company(folder: Path, orders: int) -> Path:
    """Return the folder of source files, below `folder`; what is there already is not written again."""
    if orders >= _ORDERS_OF_A_BRANCH:
        _demo(folder, "--orders", str(orders), "--nights", "1")
    elif not (folder / "nights").is_dir():
        ensure_demo(folder, scale=orders / _ORDERS_OF_A_BRANCH)
        fresh = folder / "nights.part"
        shutil.rmtree(fresh, ignore_errors=True)
        for night in ("0", "1"):
            shutil.copytree(folder / "source", fresh / night)
        _add_order(fresh / "1")
        fresh.rename(folder / "nights")
    return folder / "source"


def deliver(folder: Path, orders: int, night: int) -> None:
    """Let the sources of the company in `folder` be as they are before (0) or after (1) the next night."""
    if orders >= _ORDERS_OF_A_BRANCH:
        _demo(folder, "--night", str(night))
    else:
        shutil.rmtree(folder / "source")
        shutil.copytree(folder / "nights" / str(night), folder / "source")


def write_config(file: Path, source: Path, home: Path, orders: int) -> Path:
    """Write the project's own rapport.yml for another source and home; return `file`."""
    config = yaml.safe_load((PROJECT / "rapport.yml").read_text(encoding="utf-8"))
    config.pop("as_of", None)
    config["home"] = str(home)
    config["sources"][0]["location"] = str(source)
    if orders >= _ORDERS_OF_A_BRANCH:
        config["sources"][0]["options"]["tables"] = {table: {"load": "append"} for table in _APPENDED}
    file.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return file


def _demo(folder: Path, *options: str) -> None:
    command = [sys.executable, "-m", "pipelines.cli", "demo", "--folder", str(folder), *options]
    subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)


def _add_order(source: Path) -> None:
    """Append the last good order once more, a minute after midnight, with its lines and payments."""
    good = (row for row in _rows(source / FILES["order"]) if row["status"] in _GOOD and _is_usual(row))
    last = max(good, key=lambda row: (row["ordered_at"], row["order_id"]))
    after = datetime.fromisoformat(NIGHTS[0])
    _append(source / FILES["order"], [_order(last, after)])
    for entity, key, moment in (("order_line", "order_line_id", None), ("payment", "payment_id", "paid_at")):
        file = source / FILES[entity]
        again = [row for row in _rows(file) if row["order_id"] == last["order_id"]]
        _append(file, [_part(row, key, moment, after) for row in again])


def _is_usual(row: dict[str, str]) -> bool:
    return row["is_test"] == row["is_deleted"] == "false" and bool(_IS_TIME.match(row["ordered_at"]))


def _order(row: dict[str, str], after: datetime) -> dict[str, str]:
    moments = dict.fromkeys(("ordered_at", "source_updated_at"), _text(after + timedelta(minutes=1)))
    later = dict.fromkeys(("shipped_at", "promised_at", "delivered_at"), "")
    return {**row, **later, **moments, "order_id": row["order_id"] + "N", "status": "confirmed"}


def _part(row: dict[str, str], key: str, moment: str | None, after: datetime) -> dict[str, str]:
    moments = {moment: _text(after + timedelta(hours=1))} if moment else {}
    return {**row, **moments, key: row[key] + "N", "order_id": row["order_id"] + "N"}


def _text(instant: datetime) -> str:
    return instant.isoformat() + "Z"


def _rows(file: Path) -> Iterator[dict[str, str]]:
    """Yield the rows that have all columns; the demo has a few broken lines on purpose."""
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if None not in row and None not in row.values():
                yield row


def _append(file: Path, rows: Iterable[dict[str, str]]) -> None:
    with file.open("a", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(row.values() for row in rows)
