"""Which batches were landed, as the audit log has it, and whether the landing still holds them as they were."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.audit_log import entries, record
from pipelines.errors import RapportError
from pipelines.findings import Finding
from pipelines.landing.batches import MANIFEST, REJECTS, ROWS, BatchManifest, file_sha256, list_batches, read_manifest
from pipelines.landing.store import INCOMING

_RESTORE = "Restore it from a backup: landed batches cannot be made again."
_DEPTH = 4


@dataclass(frozen=True)
class Recorded:
    """What the log knows of a batch: hashes of its manifest's facts and, oldest first, of its files as rewritten.

    Only an erasure rewrites a batch; the last hash of each file is the one that it has to have now.
    """

    facts_sha256: str | None
    rows_sha256: tuple[str, ...]
    rejects_sha256: tuple[str, ...]


def batch_name(batch: BatchManifest) -> str:
    """Return `<system>/<source>/<table>/<batch id>`: how the log and the manifests of releases name a batch."""
    return f"{batch.system}/{batch.source}/{batch.table}/{batch.batch_id}"


def record_landed(log: Path, landing: Path) -> int:
    """Record every batch of `landing` that `log` does not know yet, in one entry `land`; return how many there were.

    Call it after a batch was moved into place; what a killed run could not record, the next one does. Raises
    RapportError.
    """
    known = recorded_batches(entries(log))
    new = [batch for batch in list_batches(landing) if batch_name(batch) not in known]
    if new:
        record(log, "land", batches=[_entry(batch) for batch in new])
    return len(new)


def recorded_batches(recorded: Iterable[dict[str, Any]]) -> dict[str, Recorded]:
    """Return what the entries of an audit log say of each batch, by its name."""
    found: dict[str, Recorded] = {}
    for entry in recorded:
        if entry["action"] == "land":
            for one in entry["details"]["batches"]:
                fresh = Recorded(one["facts_sha256"], (one["rows_sha256"],), (one["rejects_sha256"],))
                found.setdefault(one["batch"], fresh)
        elif entry["action"] == "erase":
            for one in entry["details"].get("batches", []):
                found[one["batch"]] = _erased(found.get(one["batch"]), one)
    return found


def facts_sha256(batch: BatchManifest) -> str:
    """Return a hash (hex) of all that the manifest says but the hashes of the two files."""
    return hashlib.sha256(replace(batch, rows_sha256="", rejects_sha256="").to_json().encode()).hexdigest()


def check_landing(landing: Path, recorded: dict[str, Recorded]) -> tuple[list[Finding], int]:
    """Return what in `landing` is not as it was landed, and the number of batches looked at.

    Batches that are not in `recorded` are a finding if it knows any: it is empty where the log began later.
    """
    findings = _strangers(landing)
    names = []
    folders = sorted(path for path in _below(landing) if len(path.relative_to(landing).parts) == _DEPTH)
    for folder in folders:
        if not folder.is_dir():
            continue
        name = folder.relative_to(landing).as_posix()
        names.append(name)
        findings += _check_batch(folder, recorded.get(name))
        if recorded and name not in recorded:
            advice = "If a run was killed, the next run records it; otherwise find out who put it there."
            findings.append(Finding(folder, "was landed, but is not in the audit log.", advice))
    for name in sorted(recorded.keys() - set(names)):
        findings.append(Finding(landing / name, "is missing: the audit log says that it was landed.", _RESTORE))
    return findings, len(names)


def _check_batch(folder: Path, known: Recorded | None) -> list[Finding]:
    try:
        batch = read_manifest(folder)
    except (RapportError, ValueError, TypeError) as error:
        return [Finding(folder / MANIFEST, f"is not the manifest that was landed: {error}", _RESTORE)]
    manifest = folder / MANIFEST
    findings = []
    if manifest.read_text(encoding="utf-8") != batch.to_json() or (
        known and known.facts_sha256 and known.facts_sha256 != facts_sha256(batch)
    ):
        findings.append(Finding(manifest, "was changed after the batch was landed.", _RESTORE))
    for file, told, history in (
        (folder / ROWS, batch.rows_sha256, known.rows_sha256 if known else ()),
        (folder / REJECTS, batch.rejects_sha256, known.rejects_sha256 if known else ()),
    ):
        if file_sha256(file) != (history[-1] if history else told):
            findings.append(Finding(file, "was changed after it was landed.", _RESTORE))
        elif history and told != history[-1]:
            findings.append(Finding(manifest, f"names another hash of {file.name} than the audit log.", _RESTORE))
    return findings


def _strangers(landing: Path) -> list[Finding]:
    """Files and folders where there should be none."""
    advice = "Find out who put it there, and remove it: what is in the landing is read."
    found = []
    for path in _below(landing):
        depth = len(path.relative_to(landing).parts)
        is_file = depth == _DEPTH + 1 and path.name in (MANIFEST, ROWS, REJECTS) and path.is_file()
        is_folder = depth <= _DEPTH and path.is_dir() and not path.name.startswith(".")
        if path.is_symlink() or not (is_file or is_folder):
            found.append(Finding(path, "is no part of the landing.", advice))
    return found


def _below(landing: Path) -> list[Path]:
    """All that is in the landing, but for what a run at work has aside."""
    if not landing.is_dir():
        return []
    return sorted(path for path in landing.rglob("*") if not path.relative_to(landing).parts[0].startswith(INCOMING))


def _entry(batch: BatchManifest) -> dict[str, Any]:
    return {
        "batch": batch_name(batch),
        "rows": batch.rows,
        "rejected": batch.rejected,
        "facts_sha256": facts_sha256(batch),
        "rows_sha256": batch.rows_sha256,
        "rejects_sha256": batch.rejects_sha256,
    }


def _erased(known: Recorded | None, one: dict[str, Any]) -> Recorded:
    """The batch after an erasure; one that does not start from the hash that is known changes nothing."""
    if known is None:
        return Recorded(None, tuple(one["rows_sha256"]), tuple(one["rejects_sha256"]))
    return replace(
        known,
        rows_sha256=_followed(known.rows_sha256, one["rows_sha256"]),
        rejects_sha256=_followed(known.rejects_sha256, one["rejects_sha256"]),
    )


def _followed(history: tuple[str, ...], change: list[str]) -> tuple[str, ...]:
    old, new = change
    return (*history, new) if old == history[-1] and new != old else history
