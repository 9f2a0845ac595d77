"""The reader of the `files` kind: CSV, TSV, JSON lines, Parquet and XLSX, each also compressed with gzip.

Everything is given as text; the empty text is NULL.
"""

from collections.abc import Iterator

import pyarrow as pa

from pipelines.sources import delimited, jsonlines, parquet, workbook
from pipelines.sources.catalog import TableSpec
from pipelines.sources.content import guard
from pipelines.sources.encoding import resolve_encoding
from pipelines.sources.header import check_header
from pipelines.sources.model import TEXT_FORMATS, DataFile, Reading, Record


def resolve(file: DataFile, reading: Reading, sample: bool = False) -> Reading:
    """Return `reading` with what has to be found out from the whole file (or a sample): the encoding of a text file.

    Raises SourceError when it cannot be decoded.
    """
    return resolve_encoding(file, reading, sample) if file.format in TEXT_FORMATS.values() else reading


def read_columns(file: DataFile, spec: TableSpec, reading: Reading, sample: bool = False) -> list[str]:
    """Return the column names of `file`; `reading` is what `resolve` returned.

    Raises SourceError when the file has no header that can be one of the table `spec`.
    """
    with guard(file):
        if file.format == "csv":
            names = delimited.columns(file, reading)
        elif file.format == "jsonl":
            names = jsonlines.columns(file, reading, sample)
        elif file.format == "parquet":
            names = parquet.columns(file)
        else:
            names = workbook.columns(file, reading)
    check_header(file, spec, names)
    return names


def read_blocks(file: DataFile) -> Iterator[list[pa.Array]]:
    """Yield the rows of a Parquet file in its order, some at a time, as an array of text per column; it has no rejects.

    Raises SourceError as `read_records` does.
    """
    with guard(file):
        yield from parquet.blocks(file)


def read_records(file: DataFile, reading: Reading, names: list[str]) -> Iterator[Record]:
    """Yield the rows and rejects of `file` in its order; `names` are what `read_columns` returned.

    Raises SourceError when the file turns out to be unreadable: what was yielded before must then not be used.
    """
    with guard(file):
        if file.format == "csv":
            yield from delimited.records(file, reading)
        elif file.format == "jsonl":
            yield from jsonlines.records(file, reading, names)
        elif file.format == "parquet":
            yield from parquet.records(file)
        else:
            yield from workbook.records(file, reading)
