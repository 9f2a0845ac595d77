"""How a measured program says which step it is at: the same lines on standard error as `rapport run` writes."""

import re
import sys
import time

_LINE = re.compile(r"^\s*[\d.]+ s\s+(?P<step>[a-z]+)\b")
_STARTED = time.monotonic()


def say(step: str, message: str = "") -> None:
    """Tell the program that measures this one that `step` is at work from now on."""
    seconds = time.monotonic() - _STARTED
    sys.stderr.write(f"{seconds:6.1f} s  {step:<8} {message}\n")
    sys.stderr.flush()


def step_of(line: str) -> str | None:
    """Return the step that a line of standard error names, if it names one."""
    found = _LINE.match(line)
    return found["step"] if found else None
