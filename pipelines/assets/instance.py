"""Where Dagster keeps its runs: below `home`, shared by the command and the web server."""

import os
import sys
from pathlib import Path

from pipelines.config import Settings
from pipelines.paths import PROJECT

_SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
# what the steps print is in the run's events; capturing it again starts processes that outlive a killed run
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
storage:
  custom:
    module: pipelines.assets.event_log
    class: Storage
    config: {base_dir: {env: DAGSTER_HOME}}
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


def serve(settings: Settings, port: int) -> None:
    """Replace this process by Dagster's web server and daemon for `settings`, reachable from this machine only."""
    use_dagster_home(settings.folders.dagster)
    os.environ.update(RAPPORT_CONFIG=str(settings.file), RAPPORT_HOME=str(settings.home))
    command = [sys.executable, "-m", "dagster", "dev", "--workspace", str(PROJECT / "workspace.yaml")]
    os.execv(sys.executable, [*command, "--host", "127.0.0.1", "--port", str(port)])  # noqa: S606
