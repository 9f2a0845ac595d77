"""One run at a time: the lock on `home`."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import RapportError


@contextmanager
def only_run(lock: Path) -> Iterator[None]:
    """Hold `lock` inside the block; it is freed by the system when the process dies, however it dies.

    Raises RapportError when another run holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise RapportError(
                f"{lock.parent}: another run is at work here (process {file.read().strip() or 'unknown'}). "
                "Wait until it has ended; nothing was changed."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
