"""Plants a marker in every personal field of the demo's files, and looks for markers wherever somebody could read."""

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import duckdb

from pipelines.sources.catalog import load_contract

# Whatever becomes of letters, spaces and punctuation on the way: words, numbers, and dates of birth in years that
# nothing else in the demo has.
MARKER = re.compile(rb"qx[a-z]{1,3}\d{6}zj|7773\d{6}3777|190[1-9]-\d\d-\d\d")
_NOISE = re.compile(rb"[\s+()/.]+")
_FORMS = {"birth_date": "date", "phone": "phone", "email": "email"}


class Planter:
    """Makes markers, each once, and remembers in which entity and column it was planted."""

    def __init__(self) -> None:
        self.planted: dict[bytes, tuple[str, str]] = {}
        self._numbers = count(1)

    def marker(self, entity: str, column: str) -> str:
        """A new value for a column, as such a column would be written."""
        number = next(self._numbers)
        form = _FORMS.get(column, "text")
        born = date(1901, 1, 1) + timedelta(days=number % 3000)
        value = {
            "date": f"{born}",
            "phone": f"+7773 {number:06d} 3777",
            "email": f"  QxEm{number:06d}Zj@Example.com ",
            "text": f"QxTe{number:06d}Zj",
        }[form]
        self.planted[marks(value.encode()).pop()] = (entity, column)
        return value


def marks(content: bytes) -> set[bytes]:
    """The markers in `content`, however they are written."""
    return set(MARKER.findall(_NOISE.sub(b"", content.lower())))


def plant(source: Path) -> Planter:
    """Rewrite every file in `source` that has personal columns: a marker in each, in good rows and in bad ones."""
    planter = Planter()
    for entity, contract in load_contract().items():
        if not contract.get("direct"):
            continue
        (file,) = source.glob(f"{entity}.*")
        zipped = file.suffix == ".gz"
        text = (gzip.decompress(file.read_bytes()) if zipped else file.read_bytes()).decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        content = _planted(planter, entity, contract, rows).encode()
        file.write_bytes(gzip.compress(content) if zipped else content)
    return planter


def _planted(planter: Planter, entity: str, contract: dict, rows: list[dict]) -> str:
    direct = contract["direct"]
    columns = [*rows[0], *(column for column in direct if column not in rows[0])]
    for row in rows:
        row.update({column: planter.marker(entity, column) for column in direct})
    bad = [*_bad_rows(planter, entity, contract, rows[len(rows) // 2])]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows([*rows, *bad])
    # lines that are no rows: a field too many, and a quote in the middle of a quoted value
    text.write(",".join(planter.marker(entity, "unreadable") for _ in range(len(columns) + 1)) + "\n")
    text.write(f'"{planter.marker(entity, "unreadable")}"{planter.marker(entity, "unreadable")}",x\n')
    return text.getvalue()


def _bad_rows(planter: Planter, entity: str, contract: dict, like: dict) -> Iterator[dict]:
    """An exact copy; two that contradict each other; one without its key; one whose date is none."""
    (key,), direct = contract["key"], contract["direct"]
    yield dict(like)
    for name in ("", "X1", "X1"):
        yield {**like, key: name, **{column: planter.marker(entity, column) for column in direct}}
    for column, kind in contract["columns"].items():
        if kind in ("date", "timestamp") and column in like:
            yield {**like, key: f"X{column}", column: planter.marker(entity, "rejected")}
            break


def found_in_files(files: Iterable[Path]) -> dict[str, set[bytes]]:
    """The markers in the bytes of each file that has any."""
    found = {str(file): marks(file.read_bytes()) for file in files if file.is_file()}
    return {name: markers for name, markers in found.items() if markers}


def found_in_database(file: Path) -> dict[str, set[bytes]]:
    """The markers in the values of each table of a database that has any: on disk they are compressed."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as looked_at (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'looked_at'"
        ).fetchall()
        assert tables
        return _found(connection, {f"{s}.{t}": f'looked_at."{s}"."{t}"' for s, t in tables})


def found_in_parquet(files: Iterable[Path]) -> dict[str, set[bytes]]:
    """The markers in the values of each Parquet file that has any."""
    with duckdb.connect() as connection:
        return _found(connection, {str(file): f"read_parquet('{file}')" for file in files})


def _found(connection: duckdb.DuckDBPyConnection, relations: dict[str, str]) -> dict[str, set[bytes]]:
    found = {}
    for name, relation in relations.items():
        rows = connection.execute(f"select columns(*)::varchar from {relation}").fetchall()
        text = "\n".join(value for row in rows for value in row if value is not None)
        if markers := marks(text.encode()):
            found[name] = markers
    return found
