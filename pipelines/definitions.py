"""What Dagster loads (workspace.yaml): the configuration that RAPPORT_CONFIG names, wired.

RAPPORT_CONFIG is the path of rapport.yml (default: the one in the current folder), RAPPORT_HOME overrides its `home`.
"""

import os
from pathlib import Path

from pipelines.assets.nightly import build_definitions
from pipelines.config import load_settings

_home = os.environ.get("RAPPORT_HOME")

defs = build_definitions(
    load_settings(Path(os.environ.get("RAPPORT_CONFIG", "rapport.yml")), home=Path(_home) if _home else None)
)
