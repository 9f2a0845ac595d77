"""The files in expectations/: what is expected of each table."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.quality.verdict import Check, unanswered

QUERY = "unexpected_rows_query"

_TABLE = re.compile(r"[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*")
_NAME = re.compile(r"[a-z0-9_]+")
_KEYS = {"type", "kwargs", "says", "name"}


@dataclass(frozen=True)
class Declared:
    """One expectation as a file declares it; `name` is unique among all files."""

    name: str
    table: str
    type: str
    kwargs: dict[str, Any]
    says: str

    def unanswered(self, error: str) -> Check:
        """Return this expectation's check where it could not be evaluated."""
        return unanswered(self.name, self.table, self.says, error, self.expected)

    @property
    def expected(self) -> str:
        """What has to be true, for a person: the arguments of the expectation."""
        if QUERY in self.kwargs:
            return "no rows from: " + " ".join(str(self.kwargs[QUERY]).split())
        shown = {key: value for key, value in self.kwargs.items() if key != "column"}
        return ", ".join([self.type, *(f"{key}: {value}" for key, value in sorted(shown.items()))])


def load_suites(folder: Path) -> tuple[list[Declared], list[Check]]:
    """Return what the YAML files of `folder` declare, and a failed check for each part of them that cannot be used."""
    files = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    if not files:
        return [], [_unusable("suites", folder, "there is no file of expectations here: write one per table.")]
    declared: list[Declared] = []
    problems: list[Check] = []
    taken: set[str] = set()
    for file in files:
        found = _read(file)
        if isinstance(found, str):
            problems.append(_unusable(f"suite.{file.name}", file, found))
            continue
        for position, entry in enumerate(found["expectations"], start=1):
            error = _mistake(entry)
            if error:
                name = f"suite.{file.name}.expectation_{position}"
                problems.append(_unusable(name, file, f"expectation {position}: {error}"))
                continue
            declared.append(
                Declared(
                    name=_free(_slug(found["table"], entry), taken),
                    table=found["table"],
                    type=entry["type"],
                    kwargs=entry.get("kwargs") or {},
                    says=" ".join(entry["says"].split()),
                )
            )
    return declared, problems


def _read(file: Path) -> dict | str:
    """The content of a suite, or what is wrong with it."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return f"cannot be read as YAML: {error}"
    if not isinstance(content, dict) or set(content) != {"table", "expectations"}:
        return "a suite has exactly the keys table and expectations."
    if not isinstance(content["table"], str) or not _TABLE.fullmatch(content["table"]):
        return f"table: found {content['table']!r}, expected schema.table in lower case."
    if not isinstance(content["expectations"], list) or not content["expectations"]:
        return f"expectations: none for {content['table']}: a suite has at least one."
    return content


def _mistake(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return f"found {type(entry).__name__}, expected keys: type, kwargs, says."
    unknown = sorted(str(key) for key in entry if key not in _KEYS)
    if unknown:
        return f"unknown keys: {', '.join(unknown)}. Allowed: {', '.join(sorted(_KEYS))}."
    for key in ("type", "says"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            return f"{key}: is missing."
    if not isinstance(entry.get("kwargs") or {}, dict):
        return f"kwargs: found {type(entry['kwargs']).__name__}, expected keys and values."
    if "name" in entry and not (isinstance(entry["name"], str) and _NAME.fullmatch(entry["name"])):
        return f"name: found {entry['name']!r}, expected lower-case letters, digits and _."
    return None


def _slug(table: str, entry: dict) -> str:
    if "name" in entry:
        return f"{table}.{entry['name']}"
    kwargs = entry.get("kwargs") or {}
    columns = [kwargs.get("column"), kwargs.get("column_A"), kwargs.get("column_B"), *_listed(entry["type"], kwargs)]
    named = "_".join(str(column) for column in columns if column)
    return f"{table}.{entry['type']}" + (f".{named}" if named else "")


def _listed(kind: str, kwargs: dict) -> list:
    """The columns that are compared with each other; those of a whole table are its expected shape, not its subject."""
    columns = kwargs.get("column_list")
    return columns if isinstance(columns, list) and not kind.startswith("expect_table_") else []


def _free(name: str, taken: set[str]) -> str:
    """`name`, numbered where it is taken already."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}.{number}"
    taken.add(free)
    return free


def _unusable(name: str, place: Path, error: str) -> Check:
    return unanswered(name, place.name, "Every file of expectations can be used.", f"{place}: {error}")
