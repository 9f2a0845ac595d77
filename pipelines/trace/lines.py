"""The landed lines that rows come from, read from the immutable batches: one query per batch."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.errors import RapportError
from pipelines.landing.batches import ROWS
from pipelines.releases.names import quote_name, quote_text
from pipelines.scratch import in_memory
from pipelines.sources.catalog import TableSpec, load_catalog, load_contract
from pipelines.trace.definitions import Rows
from pipelines.trace.model import Line

_TYPES = {"integer": "bigint", "money": "decimal(18, 2)", "quantity": "decimal(18, 4)", "rate": "decimal(18, 8)"}
_NOTHING = "cast(null as varchar)"
_PLACE = ("row_id", "entity", "record", "source", "batch_id", "row_number")


class Landing:
    """The batches that a release was made of."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        """Take the batches that `manifest` names; they are below `folder`."""
        self._folder = folder
        self._inputs: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for batch in manifest["inputs"]:
            self._inputs.setdefault((batch["source"], batch["batch_id"]), []).append(batch)
        sources = manifest["config"]["sources"]
        self._marks = {source["name"]: source["options"]["decimal_mark"] for source in sources}
        self._contract = load_contract()
        self._catalogs: dict[str, dict[str, TableSpec]] = {}

    def read(self, rows: Rows, lines: pa.Table, facts: pa.Table, value: str | None) -> dict[int, list[Line]]:
        """Return the landed lines by `row_id`.

        `lines` has row_id, entity, record, source, batch_id, row_number and what else to show; `facts` are the
        rows, by row_id; `value` is SQL over both, as `Raw.of`. Raises RapportError for a batch or row that is missing.
        """
        found: dict[int, list[Line]] = {}
        with in_memory() as connection:
            connection.register("places", lines)
            connection.register("facts", facts)
            groups = connection.execute(
                "select source, batch_id, entity, count(*) from places group by all order by all"
            ).fetchall()
            for source, batch_id, entity, count in groups:
                read = self._batch(connection, rows, source, batch_id, entity, value)
                if len(read) != count:
                    raise RapportError(
                        f"{self._rows_file(source, batch_id, entity)[0]}: has {len(read)} of the {count} rows that the "
                        "release takes from it. It is not the batch that was landed; restore it from a backup."
                    )
                for row_id, line in read:
                    found.setdefault(row_id, []).append(line)
        return found

    def texts(self, places: list[tuple[str, str, str, int]], column: str) -> dict[tuple[str, str, int], str | None]:
        """Return a contract column of landed rows as text, by (source, batch, row number) of `places`.

        Rows that could not be read as rows are missing from the answer.
        """
        wanted: dict[tuple[str, str, str], set[int]] = {}
        for source, batch_id, entity, number in places:
            wanted.setdefault((source, batch_id, entity), set()).add(number)
        found = {}
        with in_memory() as connection:
            for (source, batch_id, entity), numbers in wanted.items():
                file, spec = self._rows_file(source, batch_id, entity)
                rows = connection.execute(
                    f"select _row_number, {_text(spec, column)} from {_relation(connection, file, spec)} as landed "
                    "where list_contains(?, _row_number)",
                    [sorted(numbers)],
                ).fetchall()
                found.update({(source, batch_id, number): text for number, text in rows})
        return found

    def _batch(
        self,
        connection: duckdb.DuckDBPyConnection,
        rows: Rows,
        source: str,
        batch_id: str,
        entity: str,
        value: str | None,
    ) -> list[tuple[int, Line]]:
        file, spec = self._rows_file(source, batch_id, entity)
        contract = self._contract[entity]
        hidden = set(contract.get("direct", ()))
        texts = {name: _text(spec, name) for name in contract["columns"] if name not in hidden}
        shown = [name for name in rows.show if name in texts]
        typed = "".join(
            f", {_typed(contract['columns'][name], text, self._marks[source])} as {quote_name(name)}"
            for name, text in texts.items()
        )
        raw = "".join(f", {texts[name]} as {quote_name(f'text_{name}')}" for name in shown)
        own = [row[0] for row in connection.execute("describe places").fetchall() if row[0] not in _PLACE]
        picked = "".join(f", line.{quote_name(f'text_{name}')}" for name in shown)
        picked += "".join(f", cast(places.{quote_name(name)} as varchar)" for name in own)
        answer = connection.execute(
            f"""
            select places.row_id, places.record, line._file, line._line, {self._value(spec, entity, value)}{picked}
            from places
            inner join facts as fact on places.row_id = fact.row_id
            inner join (
                select _row_number, _file, _line{typed}{raw} from {_relation(connection, file, spec)} as landed
            ) as line
                on places.row_number = line._row_number
            where places.source = ? and places.batch_id = ? and places.entity = ?
            order by places.row_id, line._row_number
            """,
            [source, batch_id, entity],
        ).fetchall()
        return [
            (
                row_id,
                Line(
                    record,
                    source,
                    spec.name,
                    batch_id,
                    name,
                    line,
                    dict(zip([*shown, *own], texts, strict=True)),
                    worth,
                ),
            )
            for row_id, record, name, line, worth, *texts in answer
        ]

    def _rows_file(self, source: str, batch_id: str, entity: str) -> tuple[Path, TableSpec]:
        """Where the rows of a batch are. Batches of two tables of a source have one name if both have one content."""
        named = self._inputs.get((source, batch_id), [])
        specs = [(batch, self._catalog(batch["system"])[batch["table"]]) for batch in named]
        specs.sort(key=lambda pair: pair[1].entity != entity)
        if not specs:
            raise RapportError(f"batch {batch_id} of source {source}: the release's manifest does not name it.")
        batch, spec = specs[0]
        file = self._folder / batch["system"] / source / batch["table"] / batch_id / ROWS
        if not file.is_file():
            raise RapportError(
                f"{file}: batch {batch_id} of {source}/{batch['table']} is missing, and the release was made of it. "
                "Restore the landing from a backup: landed batches cannot be made again."
            )
        return file, spec

    def _catalog(self, system: str) -> dict[str, TableSpec]:
        if system not in self._catalogs:
            self._catalogs[system] = load_catalog(system)
        return self._catalogs[system]

    def _value(self, spec: TableSpec, entity: str, value: str | None) -> str:
        """SQL for the value of a line, NULL where the system does not say which columns make it."""
        known = spec.values or set(self._contract[entity]["columns"]) <= set(spec.columns)
        return f"({value})" if value and known else "null"


def _typed(kind: str, text: str, decimal_mark: str) -> str:
    if kind not in _TYPES:
        return text
    return f"try_cast(replace(trim({text}), {quote_text(decimal_mark)}, '.') as {_TYPES[kind]})"


def _relation(connection: duckdb.DuckDBPyConnection, file: Path, spec: TableSpec) -> str:
    """SQL for a batch with the columns that staging reads, NULL where the batch has none, as `register` has it."""
    described = connection.execute("describe select * from read_parquet(?)", [str(file)]).fetchall()
    landed = {row[0].lower(): row[0] for row in described}
    own = [(quote_name(landed[name.lower()]) if name.lower() in landed else _NOTHING, name) for name in spec.columns]
    columns = [f"{text} as {quote_name(name)}" for text, name in own]
    return f"(select {', '.join(columns)}, _file, _line, _row_number from read_parquet({quote_text(str(file))}))"


def _text(spec: TableSpec, column: str) -> str:
    """SQL for a column of the contract as text; NULL where the system does not say which of its columns it is."""
    if column in spec.values:
        return f"cast({spec.values[column]} as varchar)"
    return quote_name(column) if column in spec.columns else _NOTHING
