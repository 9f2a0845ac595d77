"""The folder of a demo: which files in it are the demo's, and how a new demo takes the place of an old one."""

import json
import re
import shutil
from pathlib import Path

from pipelines.demo.model import ENTITIES
from pipelines.errors import RapportError

ANSWERS = "known_answers.json"
SOURCE, NIGHTS = "source", "nights"
_OWN = re.compile(rf"({'|'.join(ENTITIES)})(\.malformed|\.night-\d+)?\.(csv|csv\.gz|jsonl|parquet)")


def own_files(source: Path) -> list[Path]:
    """Return the files in `source` that a demo of any size may have written, sorted by name."""
    return sorted(file for file in source.iterdir() if _OWN.fullmatch(file.name)) if source.is_dir() else []


def check_folder(folder: Path) -> None:
    """Raise RapportError when `folder` is a file."""
    if folder.exists() and not folder.is_dir():
        raise RapportError(f"{folder}: is a file; the demo needs a folder. Name another place, or move the file away.")


def take_place(folder: Path, fresh: Path) -> None:
    """Put the demo in `fresh` where that in `folder` is; files that are no demo's stay.

    The answers disappear first and come back last, so an interruption leaves a demo that is known to be incomplete.
    """
    if not folder.exists():
        fresh.rename(folder)
        return
    (folder / ANSWERS).unlink(missing_ok=True)
    (folder / SOURCE).mkdir(exist_ok=True)
    for file in own_files(folder / SOURCE):
        file.unlink()
    shutil.rmtree(folder / NIGHTS, ignore_errors=True)
    for file in sorted((fresh / SOURCE).iterdir()):
        file.replace(folder / SOURCE / file.name)
    if (fresh / NIGHTS).is_dir():
        (fresh / NIGHTS).rename(folder / NIGHTS)
    (fresh / ANSWERS).replace(folder / ANSWERS)


def answers_in(folder: Path) -> dict:
    """Return the known answers in `folder`; none where there is no complete demo."""
    try:
        answers = json.loads((folder / ANSWERS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return answers if isinstance(answers, dict) else {}
