"""How dbt's models, sources and tests are named in Dagster."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from pipelines.assets.landing import landed_key
from pipelines.config import Settings

_LAYERS = ("staging", "intermediate", "core", "forecast", "attribution", "marts", "audit", "meta")


class Translator(DagsterDbtTranslator):
    """Models are `<layer>/<name>`, grouped by layer; a system's tables are those that its sources landed."""

    def __init__(self, settings: Settings) -> None:
        """Remember which sources use which system."""
        super().__init__()
        self._sources: dict[str, list[str]] = {}
        for source in settings.sources:
            self._sources.setdefault(source.system, []).append(source.name)

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return `<layer>/<name>`; for a table of a system the first source's landed table."""
        if dbt_resource_props["resource_type"] == "source":
            sources = self._sources.get(dbt_resource_props["source_name"], [])
            if sources:
                return landed_key(sources[0], dbt_resource_props["name"])
            # a system that no source uses; two systems may have tables of the same name
            return dg.AssetKey(["landing", "unused", dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([self.get_group_name(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the layer that the model's folder names; seeds belong to the catalogue."""
        return next((part for part in dbt_resource_props["fqn"] if part in _LAYERS), "meta")

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """Return the spec of a model; a staging model depends on the landed table of every source of its system."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        deps = [other for dep in spec.deps for other in self._every_source(dep.asset_key)]
        return spec.replace_attributes(deps=deps)

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """Return the check of a data test. It does not block: the release reads what failed, and refuses itself."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec._replace(blocking=False) if spec else None

    def _every_source(self, key: dg.AssetKey) -> list[dg.AssetKey]:
        if len(key.path) != 3 or key.path[0] != "landing":
            # what a run registers itself (batches, census) is no asset: it follows from the landed tables
            return [] if key.path[0] == "landing" else [key]
        same_system = next((names for names in self._sources.values() if names[0] == key.path[1]), [key.path[1]])
        return [landed_key(name, key.path[2]) for name in same_system]
