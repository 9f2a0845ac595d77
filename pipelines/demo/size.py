"""How many times the small company is there, while known answers are worked out.

Most answers about many branches are those about one, times their number. A few are not: ranks between neighbours,
margins of error, groups that are too small to be shown, and what is rounded after it was added up. These ask here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """`branches` companies, the activities of which are there `activities` times in all (at least once in each)."""

    branches: int = 1
    activities: int = 1


_size: ContextVar[Size] = ContextVar("size", default=Size())  # noqa: B039 - it cannot be changed


def size() -> Size:
    """Return the size that answers are about: one branch, unless inside `of_size`."""
    return _size.get()


@contextmanager
def of_size(wanted: Size) -> Iterator[None]:
    """Let the answers inside the block be about a company of the size `wanted`."""
    token = _size.set(wanted)
    try:
        yield
    finally:
        _size.reset(token)
