"""The company that is measured: a demo company of so many orders, and its next night."""

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from pipelines.demo.write import FILES, ensure_demo
from pipelines.paths import PROJECT

NIGHTS = ("2026-01-01T00:00:00", "2026-01-02T00:00:00")
# of the demo company's own generator
_ORDERS_OF_SCALE_1 = 4000
_NEW_SHARE = 0.001
_GOOD = ("confirmed", "delivered")
_IS_TIME = re.compile(r"202\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


def orders_of(size: str) -> int:
    """Return how many orders `size` (200, 4k, 100k, 1m) stands for. Raises ValueError."""
    found = re.fullmatch(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[km]?)", size.strip().lower())
    if not found:
        raise ValueError(f"size {size!r}: write a number of orders, such as 4000, 4k, 100k or 1m")
    return round(float(found["number"]) * _UNITS[found["unit"]])


def write_company(folder: Path, orders: int) -> tuple[Path, Path]:
    """Return the folders of source files of both nights, below `folder`; the second has 0.1 % more orders.

    What is there already is not written again.
    """
    first, second = folder / "source", folder / "next_source"
    if not second.is_dir():
        _write(folder, orders)
        fresh = folder / "next_source.part"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(first, fresh)
        _add_orders(fresh, max(1, round(orders * _NEW_SHARE)))
        fresh.rename(second)
    return first, second


def write_config(file: Path, source: Path, home: Path) -> Path:
    """Write the project's own rapport.yml for another source and home; return `file`."""
    config = yaml.safe_load((PROJECT / "rapport.yml").read_text(encoding="utf-8"))
    config.pop("as_of", None)
    config["home"] = str(home)
    config["sources"][0]["location"] = str(source)
    file.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return file


def _write(folder: Path, orders: int) -> None:
    if _takes_orders():
        command = [sys.executable, "-m", "pipelines.cli", "demo", "--orders", str(orders), "--folder", str(folder)]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    else:
        ensure_demo(folder, scale=orders / _ORDERS_OF_SCALE_1)


def _takes_orders() -> bool:
    command = [sys.executable, "-m", "pipelines.cli", "demo", "--help"]
    return "--orders" in subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout


def _add_orders(source: Path, count: int) -> None:
    """Append to the orders, their lines and their payments the last `count` good orders again, a few hours later."""
    last: dict[str, dict[str, str]] = {}
    for row in _rows(source / FILES["order"]):
        is_real = row["is_test"] == row["is_deleted"] == "false"
        if is_real and row["status"] in _GOOD and _IS_TIME.match(row["ordered_at"]):
            last[row["order_id"]] = row
            if len(last) > 2 * count + 1000:
                last = dict(_newest(last, count))
    chosen = dict(_newest(last, count))
    after = datetime.fromisoformat(NIGHTS[0])
    _append(source / FILES["order"], (_order(row, after, i) for i, row in enumerate(chosen.values())))
    for entity, key, moment in (("order_line", "order_line_id", None), ("payment", "payment_id", "paid_at")):
        file = source / FILES[entity]
        again = [row for row in _rows(file) if row["order_id"] in chosen]
        _append(file, (_part(row, key, moment, after) for row in again))


def _newest(orders: dict[str, dict[str, str]], count: int) -> list[tuple[str, dict[str, str]]]:
    return sorted(orders.items(), key=lambda item: (item[1]["ordered_at"], item[0]))[-count:]


def _order(row: dict[str, str], after: datetime, number: int) -> dict[str, str]:
    at = _text(after + timedelta(minutes=1, milliseconds=number))
    moments = dict.fromkeys(("ordered_at", "source_updated_at"), at)
    later = dict.fromkeys(("shipped_at", "promised_at", "delivered_at"), "")
    return {**row, **later, **moments, "order_id": row["order_id"] + "N", "status": "confirmed"}


def _part(row: dict[str, str], key: str, moment: str | None, after: datetime) -> dict[str, str]:
    moments = {moment: _text(after + timedelta(hours=1))} if moment else {}
    return {**row, **moments, key: row[key] + "N", "order_id": row["order_id"] + "N"}


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds") + "Z"


def _rows(file: Path) -> Iterator[dict[str, str]]:
    """Yield the rows that have all columns; the demo has a few broken lines on purpose."""
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if None not in row and None not in row.values():
                yield row


def _append(file: Path, rows: Iterator[dict[str, str]]) -> None:
    with file.open("a", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(row.values() for row in rows)
