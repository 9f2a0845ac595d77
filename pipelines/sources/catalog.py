"""What a system's tables are called, where their files are and what their columns are: read from its staging folder."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from pipelines.errors import ConfigError
from pipelines.paths import DBT_PROJECT, STAGING

SAYS_DELETED = "lower(trim(coalesce(is_deleted, ''))) in ('true', 't', 'yes', 'y', '1')"


@dataclass(frozen=True)
class TableSpec:
    """One table of a system, as `_<system>__sources.yml` declares it.

    `files` are name patterns below the source's location; `columns` are those that staging reads. `entity` is what the
    table's rows become (None: it only completes other tables) and `key` the columns that identify the entity.
    `row_key` identifies a row of the table where that differs from `key`. `values` says in SQL over the table which of
    its columns are which of the contract, where they have other names: a trace shows them beside the line.
    `updated_at` says in SQL over the table when the source changed a row (of rows with one key the newest counts) and
    `deleted` whether the source says that it is gone; both are empty where it says neither.
    """

    system: str
    name: str
    files: tuple[str, ...]
    required: bool
    columns: tuple[str, ...]
    entity: str | None
    key: tuple[str, ...]
    row_key: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict)
    updated_at: str = ""
    deleted: str = ""


def load_contract() -> dict[str, dict]:
    """Return the canonical contract: entity -> its `key`, `columns` (name -> type), `required` and other rules."""
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    return project["vars"]["contract"]


def load_catalog(system: str, staging: Path = STAGING) -> dict[str, TableSpec]:
    """Return the tables of `system` by name, in the order of its sources file.

    A table whose columns are not listed has those of the entity it provides. Raises ConfigError for a system without
    a sources file.
    """
    file = staging / system / f"_{system}__sources.yml"
    if not file.exists():
        raise ConfigError(f"{file}: a system needs this file; docs/adding-a-source.md says what is in it.")
    (declared,) = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]
    contract = load_contract()
    specs = {}
    for table in declared["tables"]:
        meta = table["config"]["meta"]
        entity = meta.get("entity")
        key = tuple(meta.get("key") or (contract[entity]["key"] if entity else ()))
        columns = [column["name"] for column in table.get("columns", [])]
        generic = not columns
        if generic:
            columns = [*contract[entity]["columns"], "source_updated_at", "is_deleted", "is_test"]
        specs[table["name"]] = TableSpec(
            system=system,
            name=table["name"],
            files=tuple(meta["files"]),
            required=meta.get("required", False),
            columns=tuple(columns),
            entity=entity,
            key=key,
            row_key=tuple(meta.get("row_key") or key),
            values=meta.get("values", {}),
            updated_at="source_updated_at" if generic else meta.get("updated_at", ""),
            deleted=SAYS_DELETED if generic else meta.get("deleted", ""),
        )
    return specs
