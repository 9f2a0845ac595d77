"""Where Dagster keeps its runs: below `home`, shared by the command and the web server."""

import os
from pathlib import Path

_SETTINGS = """\
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def use_dagster_home(folder: Path) -> None:
    """Make `folder` the DAGSTER_HOME of this process, with its settings, unless the environment names another."""
    if os.environ.get("DAGSTER_HOME"):
        return
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    if not file.exists():
        file.write_text(_SETTINGS, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(folder)
