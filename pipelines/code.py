"""Which code is running: releases name it, and parsed projects are kept for as long as it stays the same."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from pipelines.paths import DBT_PROJECT, EXPECTATIONS, PROJECT

_CODE = {".py", ".sql", ".yml", ".csv", ".html", ".css"}
_GENERATED = {"target", "logs", "__pycache__"}


def code_version() -> str:
    """Return the version of the package and a hash of all code, models and expectations, for example 0.1.0+1a2b."""
    return f"{version('rapport-crm')}+{_hash(PROJECT / 'pipelines', DBT_PROJECT, EXPECTATIONS)[:12]}"


def project_hash() -> str:
    """Return a hash of the dbt project."""
    return _hash(DBT_PROJECT)


def _hash(*folders: Path) -> str:
    content = hashlib.sha256()
    for file in sorted(file for folder in folders for file in _files(folder)):
        content.update(f"{file.relative_to(PROJECT).as_posix()}\0".encode())
        content.update(hashlib.sha256(file.read_bytes()).digest())
    return content.hexdigest()


def _files(folder: Path) -> list[Path]:
    return [
        file
        for file in folder.rglob("*")
        if file.suffix in _CODE and not _GENERATED.intersection(file.relative_to(folder).parts)
    ]
