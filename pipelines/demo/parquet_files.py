"""How the files of repeated tables are written: Parquet, one group of rows after the other, every column text."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.demo.model import columns_of

# Tables of which a later delivery changes rows, and when each was changed is what says which row is newer.
DATED = ("account", "order_line")
CHANGED_AT = "source_updated_at"
_COMPRESSION = "zstd"
_TELL_EVERY = 5_000_000
Progress = Callable[[str], None]


def nobody(_: str) -> None:
    """Tell nobody."""


def write_groups(
    place: Path | pa.NativeFile, entity: str, groups: Iterator[pa.Table], progress: Progress = nobody, total: int = 0
) -> int:
    """Write Arrow tables as row groups of one Parquet file of an entity; return how many rows there were.

    A column of the file that the tables lack is null.
    """
    schema = pa.schema([(name, pa.string()) for name in file_columns(entity)])
    written, told = 0, 0
    with pq.ParquetWriter(place, schema, compression=_COMPRESSION) as writer:
        for group in groups:
            for name in schema.names[group.num_columns :]:
                group = group.append_column(name, pa.nulls(group.num_rows, pa.string()))
            writer.write_table(group, row_group_size=group.num_rows)
            written += group.num_rows
            if written - told >= _TELL_EVERY and written < total:
                told = written
                progress(f"{entity}: {written:,} of {total:,} rows")
    return written


def file_columns(entity: str) -> tuple[str, ...]:
    """Return the columns of the file of a repeated table."""
    return (*columns_of(entity), *((CHANGED_AT,) if entity in DATED else ()))
