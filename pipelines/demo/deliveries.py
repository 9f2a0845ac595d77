"""Puts a demo company of many branches, and its nights, where they are wanted."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.demo.answers_nights import night_answers
from pipelines.demo.branches import Block, tables
from pipelines.demo.folder import ANSWERS, NIGHTS, SOURCE, answers_in, check_folder, own_files, take_place
from pipelines.demo.large import LargeCompany
from pipelines.demo.large_files import check_space, write_company
from pipelines.demo.model import ENTITIES
from pipelines.demo.night_changes import make_nights
from pipelines.demo.nights import Night
from pipelines.demo.parquet_files import DATED, Progress, file_columns, write_groups
from pipelines.demo.write import version
from pipelines.errors import ConfigError, RapportError


@dataclass(frozen=True)
class Written:
    """What is in a folder: its known answers, and how many bytes its sources take."""

    folder: Path
    answers: dict
    bytes: int


def ensure_large(
    folder: Path,
    orders: int | None = None,
    activities: int | None = None,
    nights: int = 0,
    seed: int = 7,
    scale: float = 1.0,
    progress: Progress = print,
) -> Written:
    """Return the demo in `folder` with at least so many orders and activities, generated if it is not there.

    `nights` further deliveries are written below `nights/`; the sources are as before the first of them. The same
    arguments give the same bytes. Nothing is replaced before everything is written. Raises RapportError when `folder`
    is a file or its disk is too small, ConfigError for fewer activities than there are anyway.
    """
    check_folder(folder)
    company = LargeCompany(seed, scale, orders, activities)
    stamp = {
        "version": version(),
        "seed": seed,
        "scale": str(float(scale)),
        "branches": company.size.branches,
        "activities": company.size.activities,
        "nights": nights,
    }
    if not _is_complete(folder, stamp):
        plan = company.plan()
        progress(plan.in_words())
        check_space(folder, plan)
        try:
            _generate(folder, company, stamp, progress)
        except OSError as error:
            raise RapportError(
                f"{folder}: the demo cannot be written: {error.strerror}. Make room, or name another place."
            ) from None
    else:
        _deliver(folder, 0)
    return written(folder)


def deliver_night(folder: Path, night: int) -> dict:
    """Let the sources in `folder` be as they are after `night` nights; return what is known then.

    Night 0 is the first delivery. Raises ConfigError when there are not so many nights.
    """
    answers = answers_in(folder)
    there = answers.get("nights", {}).get("after", [])
    if not there:
        raise ConfigError(f"{folder}: holds no nights. Write some first: rapport demo --orders 100_000 --nights 3")
    if night > len(there):
        raise ConfigError(f"{folder}: holds {len(there)} nights; there is no night {night}.")
    _deliver(folder, night)
    return there[night - 1] if night else {"night": 0, "as_of": answers["company"]["as_of"]}


def written(folder: Path) -> Written:
    """Return what is in the folder of a complete demo."""
    files = [*own_files(folder / SOURCE), *(folder / NIGHTS).rglob("*.parquet")]
    return Written(folder, answers_in(folder), sum(file.stat().st_size for file in files))


def _is_complete(folder: Path, stamp: dict) -> bool:
    answers = answers_in(folder)
    if answers.get("stamp") != stamp:
        return False
    nights = (folder / NIGHTS / str(night) for night in range(1, stamp["nights"] + 1))
    sources = (folder / SOURCE / name for names in answers["files"].values() for name in names)
    return all(night.is_dir() for night in nights) and all(file.is_file() for file in sources)


def _generate(folder: Path, company: LargeCompany, stamp: dict, progress: Progress) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".demo-", dir=folder.parent) as scratch:
        fresh = Path(scratch) / "fresh"
        write_company(fresh / SOURCE, company, progress)
        progress("known answers: being worked out")
        answers = {"stamp": stamp, "files": _files_of(fresh / SOURCE), **company.answers()}
        if stamp["nights"]:
            first = company.spoilt.good
            nights = make_nights(stamp["seed"], first, stamp["nights"], DATED)
            for night in nights:
                _write_night(fresh / NIGHTS / str(night.number), night, company)
            answers["nights"] = night_answers(first, nights, company.size)
        text = json.dumps(answers, indent=1, ensure_ascii=False) + "\n"
        (fresh / ANSWERS).write_text(text, encoding="utf-8", newline="\n")
        take_place(folder, fresh)


def _write_night(folder: Path, night: Night, company: LargeCompany) -> None:
    folder.mkdir(parents=True)
    for entity, rows in night.rows.items():
        blocks: Iterator[Block] = (Block(branch) for branch in range(company.size.branches))
        write_groups(folder / f"{entity}.parquet", entity, tables(entity, file_columns(entity), rows, blocks))


def _deliver(folder: Path, night: int) -> None:
    for file in own_files(folder / SOURCE):
        if ".night-" in file.name:
            file.unlink()
    for number in range(1, night + 1):
        for file in sorted((folder / NIGHTS / str(number)).iterdir()):
            shutil.copyfile(file, folder / SOURCE / f"{file.stem}.night-{number}.parquet")


def _files_of(source: Path) -> dict[str, list[str]]:
    names = [file.name for file in own_files(source)]
    return {entity: [name for name in names if name.startswith(f"{entity}.")] for entity in ENTITIES}
