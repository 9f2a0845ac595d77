"""Where a run says what it is doing. Nothing is shown until somebody listens: the command does, Dagster has its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, str], None]

_listeners: list[Listener] = []


def say(step: str, message: str) -> None:
    """Tell whoever listens what `step` (ingest, build, prove, publish) is doing."""
    for listener in _listeners:
        listener(step, message)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call `listener` with everything that is said inside the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
