"""Keyed hashes: equal for equal values, and nobody without the key can try out which value one belongs to."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from pipelines.errors import ConfigError

VARIABLE = "RAPPORT_PSEUDONYM_KEY"
_FEWEST = 16


class Secret:
    """The key of one installation."""

    def __init__(self, key: bytes) -> None:
        """Take the key."""
        self._key = key

    def hash(self, *parts: str) -> str:
        """Return 24 hexadecimal digits for `parts`."""
        content = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()[:24]


def load_secret(file: Path) -> Secret:
    """Return the key that the environment names, else the one in `file`, which is made where there is none.

    Only the owner can read the file. Raises ConfigError where the environment's key is too short.
    """
    named = os.environ.get(VARIABLE)
    if named is not None:
        if len(named) < _FEWEST:
            raise ConfigError(f"{VARIABLE}: has {len(named)} characters, expected at least {_FEWEST}.")
        return Secret(named.encode())
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
    return Secret(file.read_text(encoding="utf-8").strip().encode())
