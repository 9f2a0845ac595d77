"""The audit log: who did what, and when. Lines are only ever appended, and each names the hash of the line before.

Beside the log lies its head, which names the last line: without it, lines cut off at the end would not be missed.
"""

import fcntl
import getpass
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.errors import RapportError

_PRIVATE = 0o600
_ADVICE = "Restore {log} and {head} from a backup and run: rapport verify. To go on without: rapport log --restart."


@dataclass(frozen=True)
class Head:
    """Where a log ends: how many lines it has, and the sha256 (hex) of the last one, without its line break."""

    entries: int
    sha256: str


@dataclass(frozen=True)
class Reading:
    """A log as it was found: its entries as far as they can be read, what is wrong with it, and its lines' hashes."""

    entries: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    hashes: tuple[str, ...]

    @property
    def head(self) -> Head | None:
        """Where it ends; None for a log without lines."""
        return Head(len(self.hashes), self.hashes[-1]) if self.hashes else None


def record(log: Path, action: str, **details: Any) -> None:
    """Append one line to `log`, and return when it is on the disk: who, when (UTC), `action` and `details`.

    `details` hold ids, counts, hashes and reasons; never a value of a source. Who is RAPPORT_USER, or the login name.
    Raises RapportError where the log does not end as it was left, or cannot be written.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        is_new = not log.exists()
        with _locked(log, os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as descriptor:
            os.fchmod(descriptor, _PRIVATE)
            content = _content(descriptor)
            lines, torn = _lines(content)
            problem = _wrong_end(log, lines)
            if problem:
                raise RapportError(f"{problem} {_advice(log)}")
            if torn:
                # The head names the line before: this one was never finished, and nobody was told that it was.
                os.ftruncate(descriptor, len(content) - len(torn))
                lines = _append(log, descriptor, lines, "repair", {"unfinished_bytes": len(torn)})
            _append(log, descriptor, lines, action, details)
        if is_new:
            _sync(log.parent)
    except OSError as error:
        raise RapportError(
            f"{log}: the audit log cannot be written: {error.strerror}. Nothing goes unrecorded."
        ) from None


def read_log(log: Path) -> Reading:
    """Return what is in `log` and whether it is what was written; a log that does not exist has no lines.

    Raises RapportError where it cannot be opened.
    """
    try:
        with _locked(log, os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
            lines, torn = _lines(_content(descriptor))
            problem = _wrong_end(log, lines)
    except FileNotFoundError:
        lines, torn, problem = [], b"", _wrong_end(log, [])
    except OSError as error:
        raise RapportError(f"{log}: the audit log cannot be read: {error.strerror}.") from None
    problems = [f"{problem} {_advice(log)}"] if problem else []
    if torn:
        problems.append(f"{log}: ends in the middle of a line. If the machine lost power, the next run repairs it.")
    hashes = tuple(map(_sha256, lines))
    entries = []
    for place, line in enumerate(lines):
        entry = _entry(line)
        if entry is None or entry["number"] != place + 1 or entry["previous"] != (hashes[place - 1] if place else None):
            problems.append(
                f"{log}: line {place + 1} does not follow from the line before: one of the two was changed, "
                f"or lines were removed or put in. {_advice(log)}"
            )
        if entry is not None:
            entries.append(entry)
    return Reading(tuple(entries), tuple(problems), hashes)


def entries(log: Path) -> tuple[dict[str, Any], ...]:
    """Return the entries of `log`, oldest first: number, at, who, action, details, previous. Raises RapportError."""
    return read_log(log).entries


def restart(log: Path, why: str) -> Path:
    """Set a log aside whose chain is broken, and begin a new one that names it; return where the old one is.

    Raises RapportError where the log is sound: then nothing has to be set aside.
    """
    if not read_log(log).problems:
        raise RapportError(f"{log}: the log is sound, so it goes on. Nothing was changed.")
    number = 1
    while (aside := log.with_name(f"{log.stem}-broken-{number}{log.suffix}")).exists():
        number += 1
    details: dict[str, Any] = {"why": why, "set_aside": aside.name}
    if log.exists():
        details["sha256"] = hashlib.sha256(log.read_bytes()).hexdigest()
        log.rename(aside)
    if head_file(log).exists():
        head_file(log).rename(head_file(aside))
    record(log, "restart", **details)
    return aside


def head_file(log: Path) -> Path:
    """Return the file that names the last line of `log`."""
    return log.with_suffix(".head")


def _append(log: Path, descriptor: int, lines: list[bytes], action: str, details: dict[str, Any]) -> list[bytes]:
    entry = {
        "number": len(lines) + 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "who": _who(),
        "action": action,
        "details": details,
        "previous": _sha256(lines[-1]) if lines else None,
    }
    line = json.dumps(entry, ensure_ascii=False, default=str).encode()
    _write(descriptor, line + b"\n")
    head = head_file(log)
    unfinished = head.with_name(head.name + ".new")
    opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
    try:
        _write(opened, _head_text(Head(entry["number"], _sha256(line))).encode())
    finally:
        os.close(opened)
    unfinished.replace(head)
    _sync(log.parent)
    return [*lines, line]


def _wrong_end(log: Path, lines: list[bytes]) -> str | None:
    """What is wrong with the end of the log. One line more than the head knows is what a killed process leaves."""
    file = head_file(log)
    try:
        head = _read_head(file)
    except FileNotFoundError:
        return None if len(lines) <= 1 else f"{file}: is missing, so nobody knows whether {log.name} is whole."
    if head is None:
        return f"{file}: was changed."
    if len(lines) < head.entries:
        return f"{log}: has {len(lines)} lines, and had {head.entries}: lines were cut off, or the file was removed."
    if _sha256(lines[head.entries - 1]) != head.sha256:
        return f"{log}: line {head.entries} or {file.name} was changed."
    unknown = lines[head.entries :]
    entry = _entry(unknown[0]) if unknown else None
    if len(unknown) > 1 or (unknown and (entry is None or entry["previous"] != head.sha256)):
        return f"{log}: has {len(unknown)} lines after line {head.entries} that were not written by Rapport."
    return None


def _read_head(file: Path) -> Head | None:
    text = file.read_bytes()
    try:
        values = json.loads(text)
        head = Head(values["entries"], values["sha256"])
    except (ValueError, TypeError, KeyError):
        return None
    is_sound = isinstance(head.entries, int) and head.entries > 0 and text == _head_text(head).encode()
    return head if is_sound else None


def _head_text(head: Head) -> str:
    return json.dumps({"entries": head.entries, "sha256": head.sha256}) + "\n"


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    known = ("number", "at", "who", "action", "details", "previous")
    is_entry = isinstance(entry, dict) and tuple(entry) == known and isinstance(entry["details"], dict)
    return entry if is_entry else None


def _lines(content: bytes) -> tuple[list[bytes], bytes]:
    """The whole lines, and what follows the last of them."""
    *lines, torn = content.split(b"\n")
    return lines, torn


def _sha256(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _who() -> str:
    try:
        return os.environ.get("RAPPORT_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _advice(log: Path) -> str:
    return _ADVICE.format(log=log.name, head=head_file(log).name)


@contextmanager
def _locked(log: Path, flags: int, kind: int) -> Iterator[int]:
    descriptor = os.open(log, flags, _PRIVATE)
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        stream.seek(0)
        return stream.read()


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
