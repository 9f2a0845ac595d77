"""Parquet files: typed values, rendered as text. `line` is the ordinal of the row in its file."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.sources.content import open_seekable
from pipelines.sources.model import DataFile, Record
from pipelines.sources.render import render

BATCH = 50_000


def columns(file: DataFile) -> list[str]:
    """Return the column names, stripped. Raises SourceError for a file that is not whole."""
    with _open(file) as parquet:
        return [name.strip() for name in parquet.schema_arrow.names]


def blocks(file: DataFile) -> Iterator[list[pa.Array]]:
    """Yield the rows of the file in its order, some at a time: an array of text per column, '' as NULL."""
    with _open(file) as parquet:
        for batch in parquet.iter_batches(BATCH, use_threads=False):
            batch.validate(full=True)
            yield [_texts(column) for column in batch.columns]


def records(file: DataFile) -> Iterator[Record]:
    """Yield the same one by one."""
    rows = (row for block in blocks(file) for row in zip(*(column.to_pylist() for column in block), strict=True))
    yield from enumerate(rows, start=1)


@contextmanager
def _open(file: DataFile) -> Iterator[pq.ParquetFile]:
    with open_seekable(file) as stream:
        try:
            yield pq.ParquetFile(stream)
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            problem = (str(error).splitlines() or [type(error).__name__])[0][:120]
            raise file.error(f"cannot be read as Parquet: {problem}. Export it again.") from None


def _texts(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        texts = column.cast(pa.string())
        return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    return pa.array(_rendered(column), pa.string())


def _rendered(column: pa.Array) -> list[str | None]:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return _nanoseconds(column)
    if pa.types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"))
    if pa.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"))
    return [render(value) for value in column.to_pylist()]


def _nanoseconds(column: pa.Array) -> list[str | None]:
    """Python's timestamps end at microseconds; where a column has finer ones, their three digits are put in."""
    kind = pa.timestamp("us", column.type.tz)
    try:
        return [render(value) for value in column.cast(kind).to_pylist()]
    except pa.ArrowInvalid:
        split = [None if value is None else divmod(value, 1000) for value in column.cast(pa.int64()).to_pylist()]
    moments = pa.array([pair and pair[0] for pair in split], pa.int64()).cast(kind).to_pylist()
    return [pair and _finer(moment, pair[1]) for moment, pair in zip(moments, split, strict=True)]


def _finer(moment: datetime, nanoseconds: int) -> str:
    if not nanoseconds:
        return str(render(moment))
    text = moment.isoformat(sep=" ", timespec="microseconds")
    end = len("YYYY-MM-DD HH:MM:SS.ffffff")
    return f"{text[:end]}{nanoseconds:03d}{text[end:]}"
