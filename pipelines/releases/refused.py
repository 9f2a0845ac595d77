"""What is kept of a candidate that was not published, so that people can find out why."""

import json
import shutil
from pathlib import Path

import duckdb

from pipelines.errors import RapportError
from pipelines.paths import Home
from pipelines.releases.database import opened
from pipelines.releases.names import CHECKS, DATABASE, VERDICT, quote_text

QUARANTINE_FILE, CANDIDATE_FILE = "quarantine.parquet", "candidate.json"


def keep_refused(candidate: Path, home: Home, release_id: str) -> Path:
    """Keep verdict, pages and quarantine of the candidate in `warehouse/refused`, instead of those kept before.

    Returns the first of the pages. What the candidate does not have is not kept.
    """
    folder = home.refused
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if (candidate / VERDICT).is_file():
        shutil.copyfile(candidate / VERDICT, folder / VERDICT)
    if (candidate / CHECKS).is_dir():
        shutil.copytree(candidate / CHECKS, folder / CHECKS)
    target = quote_text(str(folder / QUARANTINE_FILE))
    try:
        with opened(candidate / DATABASE) as connection:
            connection.execute(f"copy (select * from audit.quarantine order by all) to {target} (format parquet)")
    except (duckdb.Error, RapportError):
        (folder / QUARANTINE_FILE).unlink(missing_ok=True)
    (folder / CANDIDATE_FILE).write_text(json.dumps({"release_id": release_id}) + "\n", encoding="utf-8")
    return folder / CHECKS / "index.html"
