"""Writes the demo's files. The same company gives the same bytes."""

import csv
import gzip
import hashlib
import io
import json
import tempfile
from datetime import datetime
from pathlib import Path

from pipelines.demo.answers import known_answers
from pipelines.demo.company import build_company
from pipelines.demo.files import Files, TextRow
from pipelines.demo.folder import ANSWERS, answers_in, check_folder, take_place
from pipelines.demo.model import ENTITIES, columns_of
from pipelines.demo.past import company_at
from pipelines.demo.spoil import spoil

_NAMES = {"activity": "activity.csv.gz", "lead": "lead.csv.gz", "product": "product.jsonl", "stage": "stage.jsonl"}
FILES = {entity: _NAMES.get(entity, f"{entity}.csv") for entity in ENTITIES}
_DELIMITERS = {"campaign": ";", "campaign_cost": ";"}


def generate(folder: Path, seed: int = 7, scale: float = 1.0, at: datetime | None = None) -> None:
    """Write `source/` (a file for each entity) and known_answers.json into `folder`, replacing what is there.

    Scale 1 has about 4,000 orders. The same seed and scale give the same bytes. With an instant `at`, which has to be
    aware, the files are what the sources held then, without mistakes; there are no known answers about that.
    """
    company = build_company(seed, scale)
    if at is not None:
        _write_files(folder, Files(company_at(company, at)).rows)
        (folder / ANSWERS).unlink(missing_ok=True)
        return
    spoilt = spoil(company)
    _write_files(folder, spoilt.rows)
    answers = {"stamp": _stamp(seed, scale), "files": FILES, **known_answers(spoilt)}
    written = json.dumps(answers, indent=1, ensure_ascii=False) + "\n"
    (folder / ANSWERS).write_text(written, encoding="utf-8", newline="\n")


def _write_files(folder: Path, rows: dict[str, list[TextRow]]) -> None:
    source = folder / "source"
    source.mkdir(parents=True, exist_ok=True)
    for entity, name in FILES.items():
        (source / name).write_bytes(content_of(entity, rows[entity]))


def ensure_demo(folder: Path, seed: int = 7, scale: float = 1.0) -> Path:
    """Return `folder` holding the demo: as it is if it is complete and current, otherwise generated anew.

    Other files in the folder stay; those of a larger demo are no others. An interruption leaves a demo that the next
    call completes. Raises RapportError when `folder` is a file.
    """
    if _is_current(folder, _stamp(seed, scale)):
        return folder
    check_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".demo-", dir=folder.parent) as scratch:
        fresh = Path(scratch) / "fresh"
        generate(fresh, seed, scale)
        take_place(folder, fresh)
    return folder


def _is_current(folder: Path, stamp: dict) -> bool:
    found = answers_in(folder).get("stamp")
    return found == stamp and all((folder / "source" / name).is_file() for name in FILES.values())


def _stamp(seed: int, scale: float) -> dict:
    return {"version": version(), "seed": seed, "scale": str(float(scale))}


def version() -> str:
    """Return a digest of the code in this folder: another generator makes another demo."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def content_of(entity: str, rows: list[TextRow]) -> bytes:
    """Return the bytes of the file of `entity`, in the format that its name says."""
    name = FILES[entity]
    if name.endswith(".jsonl"):
        return _json_lines(columns_of(entity), rows).encode()
    content = _delimited(columns_of(entity), rows, _DELIMITERS.get(entity, ",")).encode()
    return _zipped(content) if name.endswith(".gz") else content


def _delimited(columns: tuple[str, ...], rows: list[TextRow], delimiter: str) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(row.values for row in rows)
    return buffer.getvalue()


def _json_lines(columns: tuple[str, ...], rows: list[TextRow]) -> str:
    records = ({c: v or None for c, v in zip(columns, row.values, strict=True)} for row in rows)
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _zipped(content: bytes) -> bytes:
    """Return `content` as gzip without name and time, so that the bytes depend on the content only."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as packed:
        packed.write(content)
    return buffer.getvalue()
