"""XLSX workbooks. `line` is the number of the row in the sheet.

The header is the configured row, or else, among the first 20, the first of those rows with the most text cells whose
names are all different: titles and notes above a table have fewer. The table is as wide as its header. Cells that hold
an error (#DIV/0!, #N/A) land as NULL.
"""

from collections.abc import Iterator
from typing import Any

import python_calamine as calamine

from pipelines.sources.content import open_seekable
from pipelines.sources.model import DataFile, Reading, Record, Reject
from pipelines.sources.render import render

SEARCHED = 20
Cells = list[Any]


def columns(file: DataFile, reading: Reading) -> list[str]:
    """Return the names in the header, stripped. Raises SourceError when there is none or the sheet is not clear."""
    rows = _rows(file, reading)
    header = _header(file, reading, rows)
    first, last = _span(rows[header])
    return [(render(cell) or "").strip() for cell in rows[header][first:last]]


def records(file: DataFile, reading: Reading) -> Iterator[Record]:
    """Yield the rows below the header, without those that are blank; a value beside the table rejects its row."""
    rows = _rows(file, reading)
    header = _header(file, reading, rows)
    first, last = _span(rows[header])
    for line, cells in enumerate(rows[header + 1 :], header + 2):
        texts = [render(cell) for cell in cells]
        outside = sum(text is not None for text in (*texts[:first], *texts[last:]))
        if outside:
            detail = f"expected {last - first} fields, found {outside} more outside the columns of the header"
            yield Reject(line, "wrong_field_count", detail, "\t".join(text or "" for text in texts))
        elif any(text is not None for text in texts):
            yield line, texts[first:last]


def find_header(rows: list[Cells]) -> int | None:
    """Return the index of the header row by the rule above, or None when no row qualifies."""
    best, most = None, 0
    for index, cells in enumerate(rows[:SEARCHED]):
        names = [cell.strip().casefold() for cell in cells if isinstance(cell, str) and cell.strip()]
        if len(names) > most and len(set(names)) == len(names):
            best, most = index, len(names)
    return best


def _rows(file: DataFile, reading: Reading) -> list[Cells]:
    with open_seekable(file) as stream:
        try:
            with calamine.load_workbook(stream) as book:
                name = _sheet(file, reading, book)
                return book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except calamine.PasswordError:
            raise file.error("is protected by a password. Save it without one.") from None
        except calamine.CalamineError as error:
            raise file.error(f"cannot be read as XLSX: {error}. Save it again.") from None


def _sheet(file: DataFile, reading: Reading, book: calamine.CalamineWorkbook) -> str:
    names = book.sheet_names
    if reading.sheet:
        if reading.sheet not in names:
            raise file.error(f"has no sheet {reading.sheet!r}. It has: {', '.join(names)}. Correct `sheet`.")
        return reading.sheet
    filled = [name for name in names if book.get_sheet_by_name(name).height]
    if not filled:
        raise file.error("is empty: it has not even a header. Export it again.")
    named = [name for name in filled if name.casefold() == file.table.casefold()]
    if len(filled) > 1 and len(named) != 1:
        raise file.error(f"has several sheets: {', '.join(filled)}. Set `sheet` to the one to read.")
    return named[0] if named else filled[0]


def _header(file: DataFile, reading: Reading, rows: list[Cells]) -> int:
    if reading.header_row is None:
        found = find_header(rows)
        if found is None:
            raise file.error(f"has no header in its first {SEARCHED} rows. Add one, or set `header_row`.")
        return found
    index = reading.header_row - 1
    if index >= len(rows) or not any(render(cell) for cell in rows[index]):
        raise file.error(f"row {reading.header_row} should be the header, and is blank. Correct `header_row`.")
    return index


def _span(cells: Cells) -> tuple[int, int]:
    filled = [index for index, cell in enumerate(cells) if render(cell) is not None and str(cell).strip()]
    return filled[0], filled[-1] + 1
