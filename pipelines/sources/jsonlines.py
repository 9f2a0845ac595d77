"""JSON lines: one object per line. The columns are all names that occur, in the order in which they first do."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pipelines.sources.lines import Lines, open_lines
from pipelines.sources.model import DataFile, Reading, Record, Reject
from pipelines.sources.render import Number, render

SAMPLE = 1_000


class _BadLineError(ValueError):
    pass


def columns(file: DataFile, reading: Reading, sample: bool = False) -> list[str]:
    """Return the names in the file's objects, or in those of its first lines; names that differ in case are one.

    Raises SourceError when the file is blank or has no object at all.
    """
    names: dict[str, str] = {}
    blank = True
    with open_lines(file, reading, "\n") as lines:
        for found in islice(_objects(lines), SAMPLE if sample else None):
            blank = False
            if isinstance(found, dict):
                for name in found:
                    names.setdefault(name.casefold(), name)
    if blank:
        raise file.error("is empty: it has not a single row. Export it again.")
    if not names:
        raise file.error("has no line that is a JSON object with names. Write one object per line, not a list.")
    return list(names.values())


def records(file: DataFile, reading: Reading, names: list[str]) -> Iterator[Record]:
    """Yield a row (values in the order of `names`) or a reject for each line that is not blank."""
    keys = [name.casefold() for name in names]
    with open_lines(file, reading, "\n") as lines:
        for found in _objects(lines):
            if isinstance(found, Reject):
                yield found
                continue
            values = {name.casefold(): value for name, value in found.items()}
            yield lines.number, [values.get(key) for key in keys]


def _objects(lines: Lines) -> Iterator[dict[str, str | None] | Reject]:
    """Yield, for each line that is not blank, its object with values as text, or why it is none."""
    for line in lines:
        if line.strip():
            yield _object(line, lines)
        lines.start()


def _object(line: str, lines: Lines) -> dict[str, str | None] | Reject:
    if "\0" in line:
        return Reject(lines.number, "unreadable_line", "contains a NUL byte", lines.raw)
    try:
        found = _DECODER.decode(line.strip())
        if not isinstance(found, dict):
            raise _BadLineError("is not an object: expected {...}")
        if not all(found):
            raise _BadLineError("has a value with an empty name")
        rendered = {name: render(value) for name, value in found.items()}
        if "\\u" in line:
            "".join(filter(None, (*rendered, *rendered.values()))).encode("utf-8")
    except json.JSONDecodeError as error:
        return Reject(lines.number, "bad_json", f"is not JSON: {error.msg}, at character {error.pos + 1}", lines.raw)
    except _BadLineError as error:
        return Reject(lines.number, "bad_json", str(error), lines.raw)
    except UnicodeEncodeError:
        return Reject(lines.number, "bad_json", "has half of a character (a lone surrogate)", lines.raw)
    except RecursionError:
        return Reject(lines.number, "bad_json", "is nested too deeply", lines.raw)
    return rendered


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {name.strip(): value for name, value in pairs}
    if len({name.casefold() for name in found}) != len(pairs):
        raise _BadLineError("has the same name twice in one object")
    return found


def _constant(name: str) -> Any:
    raise _BadLineError(f"is not JSON: {name} is not a number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=Number, parse_int=Number, parse_constant=_constant, strict=True
)
