"""The audit log: who did what, and when. Each line names the hash of the line before."""

import getpass
import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def record(log: Path, action: str, **details: Any) -> None:
    """Append one line to `log`: who, when (UTC), `action` and `details`; never a value of a source."""
    lines = log.read_bytes().splitlines() if log.exists() else []
    entry = {
        "number": len(lines) + 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "who": os.environ.get("RAPPORT_USER") or getpass.getuser(),
        "action": action,
        "details": details,
        "previous": hashlib.sha256(lines[-1]).hexdigest() if lines else None,
    }
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
