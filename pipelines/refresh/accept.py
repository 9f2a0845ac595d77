"""A person's word that a candidate which looks unusual is right."""

import json
from pathlib import Path
from typing import Any

from pipelines.audit_log import entries, record
from pipelines.config import Settings
from pipelines.errors import ConfigError

#: The checks that ask for a person; every other one asks for a correction.
ACCEPTABLE = ("audit.drift.nothing_is_unusual", "audit.restatements.rule_changes_are_accepted")


def is_accepted(log: Path, release_id: str) -> bool:
    """Return whether the audit log has it that a person accepted `release_id`."""
    return any(entry["action"] == "accept" and entry["details"].get("release") == release_id for entry in entries(log))


def accept(settings: Settings, release_id: str, why: str) -> list[str]:
    """Record that the candidate `release_id`, which was refused, is right, and return the checks that this answers.

    Raises ConfigError unless it is the candidate that was refused last, for nothing but what a person can accept, and
    `why` says something.
    """
    file = settings.folders.last_refused
    if not why.strip():
        raise ConfigError("--why: say in a sentence why this is right; who reads the figures later will ask.")
    if not file.is_file():
        raise ConfigError(f"{file}: no candidate was refused; there is nothing to accept.")
    refused = json.loads(file.read_text(encoding="utf-8"))
    if refused.get("release_id") != release_id:
        raise ConfigError(f"{release_id}: is not the candidate that was refused last: {refused.get('release_id')}.")
    failed = _failed(refused)
    wrong = sorted(set(failed) - set(ACCEPTABLE))
    if wrong:
        raise ConfigError(f"{release_id}: cannot be accepted, because it is wrong and not unusual: {', '.join(wrong)}.")
    record(settings.folders.audit_log, "accept", release=release_id, checks=failed, why=why.strip())
    return failed


def how_to_accept(verdict: dict[str, Any], release_id: str) -> str:
    """Return what a person can do about the refused `verdict` (verdict.json), empty where it is simply wrong."""
    failed = _failed(verdict)
    if not failed or set(failed) - set(ACCEPTABLE):
        return ""
    return (
        f'\nThis is unusual, but may be right. If it is: rapport accept {release_id} --why "..." and run again; '
        "what changed, and why, is in audit.drift and audit.restatements of the checks above."
    )


def _failed(verdict: dict[str, Any]) -> list[str]:
    return [check["check"] for check in verdict["checks"] if not (check["passed"] and check["evaluated"])]
