"""Landed tables as assets: one step per source, one asset per table."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets.resources import Clock, RunLock
from pipelines.config import Settings, Source
from pipelines.landing.ingest import LandedTable, ingest_source
from pipelines.landing.recorded import record_landed
from pipelines.privacy.erase import delivery_eraser
from pipelines.progress import say
from pipelines.sources.catalog import load_catalog


def landed_key(source: str, table: str) -> dg.AssetKey:
    """Return the asset key of a source's landed table."""
    return dg.AssetKey(["landing", source, table])


def landing_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Return one asset definition per configured source."""
    return [_source_assets(settings, source) for source in settings.sources]


def _source_assets(settings: Settings, source: Source) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            landed_key(source.name, table.name),
            group_name="landing",
            description=f"{table.system} {table.name} as landed from source {source.name}: immutable batches of text.",
            kinds={source.kind, "parquet"},
        )
        for table in load_catalog(source.system).values()
    ]

    @dg.multi_asset(name=f"ingest_{source.name}", specs=specs, can_subset=False)
    def ingest(context: dg.AssetExecutionContext, clock: Clock, run_lock: RunLock) -> Iterator[dg.MaterializeResult]:
        def progress(message: str) -> None:
            context.log.info(message)
            say("ingest", message)

        as_of = clock.instant(context, settings)
        erase = delivery_eraser(settings, source)
        tables = ingest_source(source, settings.folders.landing, as_of, progress, erase=erase)
        record_landed(settings.folders.audit_log, settings.folders.landing)
        for table in tables:
            yield dg.MaterializeResult(landed_key(source.name, table.table), metadata=_metadata(table))

    return ingest


def _metadata(table: LandedTable) -> dict:
    """What can be shown of landed rows: counts and names, never the rows, which may hold personal data."""
    batch = table.batch
    return {
        "status": table.status,
        "dagster/row_count": table.rows,
        "rows": table.rows,
        "unreadable_lines": table.rejected,
        "columns_added": list(table.added_columns),
        "columns_missing": list(table.missing_columns),
        "batch": batch.batch_id if batch else "none",
        "landed_at": batch.landed_at.isoformat() if batch else "never",
        "files": [file.name for file in batch.files] if batch else [],
        "content_hash": batch.content_hash if batch else "none",
    }
