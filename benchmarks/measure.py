"""Runs a program in a process of its own, and says what it took: by itself, its children and theirs."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.steps import step_of
from pipelines.paths import PROJECT

_EVERY = 0.1
_REST = 50
_TICK = os.sysconf("SC_CLK_TCK")
START = "start"


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, seconds of processor (user and system together), and bytes written to files."""

    wall: float
    cpu: float
    written: int


@dataclass(frozen=True)
class Measured:
    """What one run of a program took. `peak` is bytes of memory; `steps` are in the order in which they began."""

    total: Cost
    peak: int
    steps: dict[str, Cost] = field(default_factory=dict)


class ProgramError(RuntimeError):
    """A measured program ended with an error; the text is the end of what it wrote."""


def measure(command: Sequence[str], log: Path) -> Measured:
    """Run `command` from the project's folder and return what it took; what it writes is kept in `log`.

    A step begins with the first line on standard error that names it. Raises ProgramError.
    """
    environment = {**os.environ, "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}
    with log.open("w", encoding="utf-8", buffering=1) as out:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=out, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        watch = _Watch(process.pid)
        watch.start()
        moments = [(START, Cost(0.0, 0.0, 0))]
        for line in process.stderr:
            out.write(line)
            step = step_of(line)
            if step and step != moments[-1][0]:
                moments.append((step, Cost(time.monotonic() - began, *_used(process.pid))))
        watch.last_look()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
    watch.join()
    if process.returncode != 0:
        raise ProgramError(f"{' '.join(command)} ended with {process.returncode}; see {log}:\n{_end_of(log)}")
    # a block is 512 bytes here, whatever the file system's blocks are
    total = Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_oublock * 512)
    return Measured(total, max(watch.peak, usage.ru_maxrss * 1024), _steps(moments, total))


def _steps(moments: list[tuple[str, Cost]], total: Cost) -> dict[str, Cost]:
    found: dict[str, Cost] = {}
    for (step, begun), (_, ended) in zip(moments, [*moments[1:], ("", total)], strict=True):
        known = found.get(step, Cost(0.0, 0.0, 0))
        found[step] = Cost(
            known.wall + ended.wall - begun.wall,
            known.cpu + max(ended.cpu - begun.cpu, 0.0),
            known.written + max(ended.written - begun.written, 0),
        )
    return found


class _Watch(threading.Thread):
    """Looks at the memory of a process and all below it. Shared pages are shared out (PSS).

    To share them out, the kernel goes through all pages: of a process of several gigabytes that takes a tenth of a
    second of a processor, and the process waits for some of it. So it is asked only where there can be a new peak, and
    for a fiftieth of the time at most.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._ended = pid, threading.Event()
        self.peak = 0

    def run(self) -> None:
        pause = _EVERY
        while not self._ended.wait(pause):
            began = time.monotonic()
            tree = _tree(self._pid)
            # of a single process the kernel itself keeps the peak
            if len(tree) > 1 and sum(map(_resident, tree)) > self.peak:
                self.peak = max(self.peak, sum(map(_memory, tree)))
            pause = max(_EVERY, _REST * (time.monotonic() - began))

    def last_look(self) -> None:
        self._ended.set()


def _used(pid: int) -> tuple[float, int]:
    """Processor seconds and bytes written of a process and all below it until now, the ended ones included."""
    tree = _tree(pid)
    return sum(map(_cpu, tree)), sum(map(_written, tree))


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for thread in _entries(f"/proc/{one}/task"):
            text = _text(f"/proc/{one}/task/{thread}/children")
            waiting += map(int, text.split())
    return found


def _entries(folder: str) -> list[str]:
    try:
        return [entry.name for entry in Path(folder).iterdir()]
    except OSError:
        return []


def _cpu(pid: int) -> float:
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    # utime, stime, and those of children that have ended
    return sum(map(int, fields[11:15])) / _TICK


def _written(pid: int) -> int:
    return _number(_text(f"/proc/{pid}/io"), "write_bytes:")


def _resident(pid: int) -> int:
    return _number(_text(f"/proc/{pid}/status"), "VmRSS:") * 1024


def _memory(pid: int) -> int:
    return _number(_text(f"/proc/{pid}/smaps_rollup"), "Pss:") * 1024


def _number(text: str, name: str) -> int:
    for line in text.splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8").splitlines()[-20:])
