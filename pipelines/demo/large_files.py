"""Writes the files of the demo company with many branches.

What is there once per branch is `<entity>.parquet`; lines that are no rows are in `<entity>.malformed.csv` beside it,
since Parquet cannot hold them; what is the company's is written as in the small company.
"""

import csv
import shutil
from pathlib import Path

from pipelines.demo.branches import OF_THE_COMPANY, blocks_of, carried
from pipelines.demo.large import LargeCompany, Plan, in_bytes
from pipelines.demo.model import columns_of
from pipelines.demo.parquet_files import Progress, write_groups
from pipelines.demo.write import FILES, content_of
from pipelines.errors import RapportError

_SPARE = 1.1


def check_space(folder: Path, plan: Plan) -> None:
    """Raise RapportError when the disk of `folder` has too little room for what is planned."""
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.is_dir())
    free, needed = shutil.disk_usage(place).free, int(plan.bytes * _SPARE)
    if needed > free:
        raise RapportError(
            f"{folder}: the company takes about {in_bytes(needed)}, and {in_bytes(free)} are free there. "
            "Name another place with --folder, ask for fewer orders, or make room."
        )


def write_company(source: Path, company: LargeCompany, progress: Progress) -> None:
    """Write the files of all tables into the new folder `source`. Raises OSError when the disk is full."""
    source.mkdir(parents=True)
    for entity, rows in company.spoilt.rows.items():
        if entity in OF_THE_COMPANY:
            (source / FILES[entity]).write_bytes(content_of(entity, rows))
            continue
        blocks = blocks_of(entity, company.size.branches, company.size.activities)
        total = (len(rows) - len(company.malformed(entity))) * company.times(entity)
        written = write_groups(source / f"{entity}.parquet", entity, company.groups(entity, blocks), progress, total)
        progress(f"{entity}: {written:,} rows")
        if company.malformed(entity):
            _write_malformed(source / f"{entity}.malformed.csv", entity, company)


def _write_malformed(file: Path, entity: str, company: LargeCompany) -> None:
    """Write the lines that have too few values; those after the missing one carry no branch."""
    names = columns_of(entity)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        for block in blocks_of(entity, company.size.branches, company.size.activities):
            for row in company.malformed(entity):
                head = zip(names[:2], row.values[:2], strict=True)
                writer.writerow([*(carried(entity, *named, block) for named in head), *row.values[2:]])
