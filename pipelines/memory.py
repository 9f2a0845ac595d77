"""How much memory DuckDB may take; what does not fit goes to a private folder on disk."""

import os
import re

from pipelines.errors import ConfigError

VARIABLE = "RAPPORT_MEMORY"
DEFAULT = "2500MB"
_SIZE = re.compile(r"[1-9][0-9]*(\.[0-9]+)? ?[KMGT]i?B")


def memory_limit() -> str:
    """Return the limit as DuckDB writes it, for example 8GB: what the environment says, else one for small machines.

    It is that of a database at work; Python has its own memory beside it. Raises ConfigError for what is no size.
    """
    found = os.environ.get(VARIABLE, DEFAULT)
    if not _SIZE.fullmatch(found):
        raise ConfigError(f"{VARIABLE}: found {found!r}, expected a size, for example 8GB or 2500MB.")
    return found
