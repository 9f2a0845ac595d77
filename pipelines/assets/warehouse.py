"""The dbt models as assets, their tests as asset checks; one step builds them all."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from pipelines.assets.resources import Build, Clock, RunLock
from pipelines.assets.translator import Translator
from pipelines.audit_log import record
from pipelines.config import Settings
from pipelines.progress import say
from pipelines.refresh.plan import make_plan
from pipelines.refresh.rollback import check_not_rolled_back
from pipelines.refresh.steps import build_warehouse, check_built, is_built, reason
from pipelines.refresh.verify_incremental import verify_incremental
from pipelines.releases.names import SCHEMAS
from pipelines.warehouse.dbt import NodeResult, unused_systems
from pipelines.warehouse.look import Look, looking


def warehouse_assets(settings: Settings, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Return the models of `manifest` as assets of one step, `build`."""
    translator = Translator(settings)

    @dbt_assets(
        name="build",
        manifest=manifest,
        exclude=" ".join([*unused_systems(settings), "resource_type:unit_test"]),
        dagster_dbt_translator=translator,
    )
    def build(context: dg.AssetExecutionContext, clock: Clock, how: Build, run_lock: RunLock) -> Iterator[Any]:
        def tell(message: str) -> None:
            context.log.info(message)
            say("build", message)

        plan = make_plan(settings, clock.instant(context, settings))
        if plan.is_published and is_built(settings, plan):
            if how.verify_incremental:
                tell(f"{verify_incremental(settings, plan, tell)} tables are what a build from all batches gives")
            tell(f"nothing new since release {plan.release_id}")
            record(settings.folders.audit_log, "run", outcome="nothing new", release=plan.release_id)
            return
        check_not_rolled_back(settings, plan)
        results = build_warehouse(settings, plan, lambda result: _tell(context, result), tell)
        with looking(settings.folders.database) as look:
            for result in results:
                yield from _events(context, manifest, translator, result, look)
        check_built(results)
        if how.verify_incremental:
            tell(f"{verify_incremental(settings, plan, tell)} tables are what a build from all batches gives")

    return build


def _tell(context: dg.AssetExecutionContext, result: NodeResult) -> None:
    if result.kind != "test" or not result.ok:
        context.log.info(f"{result.kind} {result.name}: {result.status}")
    say("build", f"{result.kind} {result.name}: {result.status}")


def _events(
    context: dg.AssetExecutionContext,
    manifest: Mapping[str, Any],
    translator: Translator,
    result: NodeResult,
    look: Look,
) -> Iterator[Any]:
    if result.status == "skipped":
        return
    if result.kind == "test":
        key = get_asset_check_key_for_test(manifest, translator, result.unique_id, None)
        if key and key in context.selected_asset_check_keys:
            metadata = _test_metadata(result, look, _reads_published(manifest, result))
            yield dg.AssetCheckResult(passed=result.ok, asset_key=key.asset_key, check_name=key.name, metadata=metadata)
    elif result.ok:
        key = translator.get_asset_spec(manifest, result.unique_id, None).key
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(key, metadata=_model_metadata(result, look))


def _test_metadata(result: NodeResult, look: Look, is_published: bool) -> dict[str, Any]:
    """Counts everywhere; failing rows only of what is published: others may name a person."""
    metadata: dict[str, Any] = {"failing_rows": result.failures}
    if not result.ok:
        metadata["message"] = reason(result)
    if not result.ok and is_published:
        metadata["rows"] = dg.MetadataValue.md(look.query(result.node.compiled_code))
    return metadata


def _reads_published(manifest: Mapping[str, Any], result: NodeResult) -> bool:
    """Return whether a test reads nothing but tables of the default edition."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    return all(nodes[name]["schema"] in SCHEMAS for name in result.node.depends_on.nodes if name in nodes)


def _model_metadata(result: NodeResult, look: Look) -> dict[str, Any]:
    """Row counts everywhere; rows only of what is published, which holds no direct personal data."""
    schema, name = result.node.schema, result.node.alias
    metadata: dict[str, Any] = {"seconds": round(result.seconds, 3)}
    if result.node.config.materialized != "view":
        metadata["dagster/row_count"] = look.count(schema, name)
    if schema in SCHEMAS:
        metadata["preview"] = dg.MetadataValue.md(look.preview(schema, name))
    return metadata
