"""A run's project as dbt compiled it: the SQL of models, data tests and unit tests, and what depends on what."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

MUTATED = ("intermediate", "core", "marts")


@dataclass(frozen=True)
class Node:
    """A model or a data test: `reads` are the names of the models it needs; a Python model has no SQL."""

    name: str
    schema: str
    reads: frozenset[str]
    sql: str | None
    is_contract: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    file: str = ""

    @property
    def table(self) -> str:
        """Its table, as `schema.table`."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class UnitTest:
    """A compiled unit test of a model, with its inputs as CTEs; `columns` are those it compares, none means all."""

    name: str
    model: str
    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """The models and data tests by name, as the last run compiled them."""

    models: dict[str, Node]
    tests: dict[str, Node]

    @cached_property
    def order(self) -> list[str]:
        """The models in an order in which they can be built."""
        return list(
            TopologicalSorter({name: sorted(model.reads) for name, model in self.models.items()}).static_order()
        )

    @cached_property
    def candidates(self) -> list[str]:
        """The models that faults are made in: SQL of the mutated layers, but not what macros make alone.

        Those are the views `int_<entity>` and the tables `int_<entity>_rows`.
        """
        return sorted(
            name
            for name, model in self.models.items()
            if model.schema in MUTATED
            and model.sql
            and not name.endswith("_rows")
            and model.config.get("materialized") != "view"
        )

    def downstream(self, name: str) -> list[str]:
        """Return the models that depend on a model, directly or not, in the order in which they can be built."""
        found = {name}
        for other in self.order:
            if self.models[other].reads & found:
                found.add(other)
        return [other for other in self.order if other in found - {name}]


def load_project(target: Path) -> Project:
    """Return the project whose manifest and compiled SQL dbt left in `target`."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    names = {key: node["name"] for key, node in manifest["nodes"].items()}
    models, tests = {}, {}
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "test"):
            continue
        reads = frozenset(names[key] for key in node["depends_on"]["nodes"] if key.startswith("model."))
        found = Node(
            name=node["name"],
            schema=node["schema"].removeprefix("main_"),
            reads=reads,
            sql=_compiled(target, node),
            is_contract=bool((node["config"].get("contract") or {}).get("enforced")),
            config=node["config"],
            file=node["original_file_path"],
        )
        if node["resource_type"] == "model":
            models[found.name] = found
        elif found.sql is not None:
            tests[found.name] = found
    return Project({name: model for name, model in models.items() if model.sql or model.file.endswith(".py")}, tests)


def _compiled(target: Path, node: dict[str, Any]) -> str | None:
    """The SQL that dbt made of a node; nothing for a model in Python and for what the run left out."""
    folder = target / "compiled" / node["package_name"]
    own = Path(node["original_file_path"])
    file = folder / own if own.name == Path(node["path"]).name else folder / own / node["path"]
    return file.read_text(encoding="utf-8") if file.is_file() and file.suffix == ".sql" else None
