"""CSV and its relatives. Values land as they are written, nothing trimmed; only names in the header are stripped."""

import csv
from collections.abc import Iterator
from itertools import chain

from pipelines.errors import SourceError
from pipelines.sources.lines import LIMIT, Lines, open_lines
from pipelines.sources.model import DataFile, Reading, Record, Reject

DELIMITERS = ",;\t|"


def columns(file: DataFile, reading: Reading) -> list[str]:
    """Return the names in the header: the configured line, else the first that is not blank.

    Raises SourceError when there is none or it cannot be read.
    """
    with open_lines(file, reading, "") as lines:
        return _open(file, reading, lines)[0]


def records(file: DataFile, reading: Reading) -> Iterator[Record]:
    """Yield a row or a reject for each record below the header; blank lines are none.

    A quote inside a value that is not quoted belongs to the value. Raises SourceError for a quote that is never closed.
    """
    with open_lines(file, reading, "") as lines:
        header, reader = _open(file, reading, lines)
        yield from _records(lines, reader, len(header))


def detect_delimiter(line: str) -> str:
    """Return the delimiter that occurs most often outside quotes; a comma when none does."""
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _open(file: DataFile, reading: Reading, lines: Lines) -> tuple[list[str], Iterator[list[str]]]:
    first = _header_line(file, reading, lines)
    # Other packages set this limit of the whole process too; a row's own limit is that of Lines.
    csv.field_size_limit(LIMIT)
    delimiter = reading.delimiter or detect_delimiter(first)
    reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    try:
        header = next(reader)
    except csv.Error:
        if lines.ended:
            raise _unclosed(lines, delimiter) from None
        raise file.error(f"line {lines.first}: the header has a quote inside a quoted name. Correct it.") from None
    if any("\0" in name for name in header):
        raise file.error(f"line {lines.first}: the header holds NUL bytes. If it is UTF-16, set `encoding: utf-16-le`.")
    return [name.strip() for name in header], reader


def _header_line(file: DataFile, reading: Reading, lines: Lines) -> str:
    for line in lines:
        wanted = lines.number == reading.header_row if reading.header_row else bool(line.strip())
        if wanted and line.strip():
            return line
        if wanted:
            raise file.error(f"line {lines.number} should be the header, and is blank. Correct `header_row`.")
        lines.start()
    if reading.header_row and lines.number:
        raise file.error(f"has {lines.number} lines, but `header_row` is {reading.header_row}. Correct `header_row`.")
    raise file.error("is empty: it has not even a header. Export it again.")


def _records(lines: Lines, reader: Iterator[list[str]], width: int) -> Iterator[Record]:
    torn = False
    while True:
        lines.start()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if lines.ended:
                raise _unclosed(lines, reader.dialect.delimiter) from None
            torn = True
            yield Reject(lines.first, "unreadable_line", "a quote in the middle of a quoted value", lines.raw)
            continue
        if len(values) <= 1 and not lines.raw.strip():
            continue
        if "\0" in "".join(lines.taken):
            yield Reject(lines.first, "unreadable_line", "contains a NUL byte", lines.raw)
        elif torn and lines.raw.count('"') % 2:
            # The rest of a value whose beginning was rejected must not pass for a row of its own.
            yield Reject(lines.first, "unreadable_line", "the rest of a quoted value that could not be read", lines.raw)
        elif len(values) != width:
            yield Reject(lines.first, "wrong_field_count", f"expected {width} fields, found {len(values)}", lines.raw)
        else:
            torn = False
            yield lines.first, values


def _unclosed(lines: Lines, delimiter: str) -> SourceError:
    opened, inside, at_start = lines.first, False, True
    for number, line in enumerate(lines.taken, lines.first):
        for character in line:
            if character == '"' and (inside or at_start):
                inside = not inside
                opened = number if inside else opened
            at_start = not inside and character in (delimiter, '"', "\n", "\r")
    return lines.file.error(f"a quote is opened on line {opened} and never closed. Close it, or export the file again.")
