"""The dbt project for PostgreSQL: the product's own, plus macros for what it dispatches by adapter."""

import re
import shutil
from pathlib import Path

import yaml

from benchmarks.postgres.server import USER
from pipelines.paths import DBT_PROJECT

_MACROS = Path(__file__).parent / "macros"
GIVEN = "given"
# (what PostgreSQL cannot read, what stands for it), in models and macros
_REPLACED = [
    (re.compile(r"\btry_cast\((.*) as (date|timestamp)\)"), r"try_\2(\1)"),
]


def assemble(folder: Path, socket: str) -> None:
    """Write the project and its profile into `folder`, replacing what is there. Unit and data tests are left out."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("models", "macros", "seeds"):
        shutil.copytree(DBT_PROJECT / part, folder / part)
    shutil.copytree(_MACROS, folder / "macros" / "postgres")
    for file in folder.rglob("*_unit_tests.yml"):
        file.unlink()
    for file in folder.rglob("models/**/*.py"):
        _give(file)
    for file in folder.rglob("models/**/*.yml"):
        # the types of a contract are DuckDB's
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("contract: {enforced: true}", "contract: {enforced: false}"), encoding="utf-8")
    for file in folder.rglob("*.sql"):
        text = file.read_text(encoding="utf-8")
        for pattern, replacement in _REPLACED:
            text = pattern.sub(replacement, text)
        file.write_text(text, encoding="utf-8")
    _write_config(folder)
    _write_profile(folder, socket)


def _give(file: Path) -> None:
    """A Python model cannot run in PostgreSQL: what it gave in DuckDB was copied in, and is selected."""
    file.with_suffix(".sql").write_text(f"select * from {GIVEN}.{file.stem}\n", encoding="utf-8")
    file.unlink()


def _write_config(folder: Path) -> None:
    config = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    config["models"]["rapport"]["+persist_docs"] = {"relation": False, "columns": False}
    # a planner that does not know how many rows a new table has joins them one by one
    config["models"]["rapport"]["+post-hook"] = (
        "{% if model.config.materialized == 'table' %}analyze {{ this }}{% endif %}"
    )
    config.pop("test-paths", None)
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def _write_profile(folder: Path, socket: str) -> None:
    output = {
        "type": "postgres",
        "host": socket,
        "port": 5432,
        "user": USER,
        "password": "",
        "dbname": "postgres",
        "schema": "main",
        "threads": 2,
    }
    profile = {"rapport": {"target": "postgres", "outputs": {"postgres": output}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
