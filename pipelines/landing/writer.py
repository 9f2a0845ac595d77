"""Rows and rejects as Parquet, in row groups: no more than one of them is in memory."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.landing.batches import REJECTS, ROWS
from pipelines.sources.header import folded
from pipelines.sources.model import Record, Reject

GROUP_ROWS = 50_000
GROUP_CHARACTERS = 64_000_000

_PLACE = [("_file", pa.string()), ("_line", pa.int64()), ("_row_number", pa.int64())]
REJECTS_SCHEMA = pa.schema([*_PLACE, *((name, pa.string()) for name in ("reason", "detail", "raw"))])


def rows_schema(columns: Sequence[str]) -> pa.Schema:
    """Return the schema of rows.parquet: the columns as text, then where each row was found."""
    return pa.schema([*((name, pa.string()) for name in columns), *_PLACE])


class _Groups:
    """Collects tuples and writes them as row groups, closed by count or by size."""

    def __init__(self, file: Path, schema: pa.Schema) -> None:
        self.schema, self.count, self.characters = schema, 0, 0
        self.pending: list[Sequence] = []
        self.writer = pq.ParquetWriter(file, schema, compression="zstd")

    def add(self, values: Sequence, characters: int) -> None:
        self.pending.append(values)
        self.count += 1
        self.characters += characters
        if len(self.pending) >= GROUP_ROWS or self.characters >= GROUP_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        if self.pending:
            self.writer.write_table(pa.Table.from_arrays(self._arrays(), schema=self.schema))
        self.pending, self.characters = [], 0

    def add_table(self, table: pa.Table) -> None:
        self.flush()
        self.writer.write_table(table)
        self.count += table.num_rows

    def close(self) -> None:
        self.flush()
        self.writer.close()

    def _arrays(self) -> list[pa.Array]:
        columns = zip(*self.pending, strict=True)
        return [_array(values, field.type) for values, field in zip(columns, self.schema, strict=True)]


class TableWriter:
    """Writes rows.parquet and rejects.parquet of one batch into a folder. Use it in a `with` block."""

    def __init__(self, folder: Path, columns: Sequence[str]) -> None:
        """Open both files; `columns` are those of all the batch's files."""
        self.columns = tuple(columns)
        self._rows = _Groups(folder / ROWS, rows_schema(columns))
        self._rejects = _Groups(folder / REJECTS, REJECTS_SCHEMA)

    def __enter__(self) -> "TableWriter":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Write what is left and close both files."""
        self._rows.close()
        self._rejects.close()

    @property
    def rows(self) -> int:
        """How many rows were written."""
        return self._rows.count

    @property
    def rejected(self) -> int:
        """How many rejects were written."""
        return self._rejects.count

    def add_file(self, name: str, columns: Sequence[str], records: Iterable[Record]) -> None:
        """Write what was read from one file, whose header is `columns`; a column it lacks is NULL."""
        order = self._order(columns)
        same = order == list(range(len(columns)))
        number = self.rows + self.rejected
        for record in records:
            number += 1
            if record.__class__ is Reject:
                place = (name, record.line, number)
                self._rejects.add((*place, record.reason, record.detail, record.raw), len(record.raw))
                continue
            line, values = record
            if not same:
                values = [None if index is None else values[index] for index in order]
            self._rows.add((*values, name, line, number), sum(map(len, filter(None, values))))

    def add_blocks(self, name: str, columns: Sequence[str], blocks: Iterable[Sequence[pa.Array]]) -> None:
        """Write the rows of one file that come as arrays of text per column, each block as a row group of its own."""
        order = self._order(columns)
        number, line = self.rows + self.rejected, 0
        for arrays in blocks:
            count = len(arrays[0])
            own = [pa.nulls(count, pa.string()) if index is None else arrays[index] for index in order]
            place = [
                pa.repeat(pa.scalar(name, pa.string()), count),
                pa.array(range(line + 1, line + count + 1), pa.int64()),
                pa.array(range(number + 1, number + count + 1), pa.int64()),
            ]
            self._rows.add_table(pa.Table.from_arrays([*own, *place], schema=self._rows.schema))
            number, line = number + count, line + count

    def _order(self, columns: Sequence[str]) -> list[int | None]:
        """Where each column of the batch is among `columns`; None where it is not."""
        own = {key: index for index, key in enumerate(folded(columns))}
        return [own.get(key) for key in folded(self.columns)]


def _array(values: Sequence, kind: pa.DataType) -> pa.Array:
    array = pa.array(values, kind)
    if kind != pa.string():
        return array
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, kind), array)
