"""What the numbers depend on besides the code: the machine's size, and versions."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "great-expectations", "dbt-postgres", "pandas", "pyarrow")


def about() -> dict[str, str]:
    """Return name -> value, for the page of results."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = {
        "processors": f"{os.cpu_count()} ({_processor()})",
        "memory": f"{memory / 2**30:.1f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    found |= {name: version(name) for name in _PACKAGES}
    postgres = server_binary("postgres")
    if postgres:
        said = subprocess.run([postgres, "--version"], check=True, capture_output=True, text=True).stdout
        found["postgresql"] = said.split()[2]
    return found


def server_binary(name: str) -> str | None:
    """Return the path of a program of the PostgreSQL server, or None where it is not installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    asked = shutil.which("pg_config")
    if asked:
        said = subprocess.run([asked, "--bindir"], check=True, capture_output=True, text=True).stdout
        places.append(Path(said.strip()))
    for place in places:
        if (place / name).is_file():
            return str(place / name)
    return shutil.which(name)


def _processor() -> str:
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return next((line.partition(":")[2].strip() for line in info.splitlines() if "model name" in line), "unknown")
