"""Prepares the cluster that is measured, and says afterwards what ran there and whether it is the same."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.postgres.figures import unequal, warehouse_figures
from benchmarks.postgres.server import create_cluster
from pipelines.releases.names import quote_text, table_name


def prepare(folder: Path, plan: Path, warehouse: Path) -> None:
    """Make an empty cluster in `folder`, and beside it python.duckdb: what the Python models of `plan` gave."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    # the server is run by somebody else, who has to get to its folder
    folder.chmod(0o711)
    create_cluster(folder / "cluster")
    with duckdb.connect(str(folder / "python.duckdb")) as connection:
        catalog = warehouse.stem
        connection.execute(f"attach {quote_text(str(warehouse))} as {catalog} (read_only)")
        connection.execute("create schema given")
        for step in _steps(plan):
            if step["is_python"]:
                source = f"{catalog}.{table_name(step['schema'], step['name'])}"
                connection.execute(f"create table given.{step['name']} as from {source}")


def compare(folder: Path, plan: Path, seconds: Path, warehouse: Path, build_seconds: float) -> dict[str, Any]:
    """Return what ran on both, how long it took in each, what did not and why, and whether the figures agree."""
    said = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    spent = json.loads(seconds.read_text(encoding="utf-8"))
    steps = _steps(plan)
    python = {step["id"] for step in steps if step["is_python"]}
    models = {step["id"]: f"{step['schema']}.{step['name']}" for step in steps if step["kind"] not in ("test", "seed")}
    ran = {one["id"] for one in said["models"].values() if one["status"] == "success"} - python
    both = [name for name in models if name in ran]
    missing = {
        f"{one['id'].split('.')[-1]}": _why(one)
        for one in said["models"].values()
        if one["status"] != "success" and one["id"] in models
    }
    missing |= {name.split(".")[-1]: "Python: its rows were copied in" for name in sorted(python)}
    figures = {name: sums for name, sums in said["figures"].items() if name in {models[one] for one in both}}
    different = unequal(figures, warehouse_figures(warehouse, figures))
    return {
        "models": len(both),
        "of": len(models),
        "marts": sum(models[name].startswith("marts.") for name in both),
        "marts_of": sum(name.startswith("marts.") for name in models.values()),
        "duckdb": sum(spent[name] for name in both),
        "postgres": build_seconds,
        "missing": missing,
        "compared": len(figures),
        "different": different,
    }


def _why(one: dict[str, Any]) -> str:
    if one["status"] == "skipped":
        return "reads one that does not run"
    lines = [line.strip() for line in one["message"].splitlines() if line.strip()]
    return (lines[1] if len(lines) > 1 else lines[0] if lines else one["status"]).replace("|", "\\|")[:160]


def _steps(plan: Path) -> list[dict[str, Any]]:
    return json.loads(plan.read_text(encoding="utf-8"))
