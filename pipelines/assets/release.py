"""The candidate, what is expected of it, and the release."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.assets.resources import Clock, RunLock
from pipelines.assets.translator import Translator
from pipelines.audit_log import record
from pipelines.config import Settings
from pipelines.errors import RapportError
from pipelines.paths import EXPECTATIONS
from pipelines.progress import say
from pipelines.quality.suites import Declared, load_suites
from pipelines.quality.verdict import Check
from pipelines.refresh.plan import make_plan
from pipelines.refresh.steps import is_built, prove_candidate, publish_candidate
from pipelines.releases.names import CANDIDATE_PREFIX, CHECKS

CANDIDATE = dg.AssetKey(["release", "candidate"])
RELEASE = dg.AssetKey(["release", "current"])
_EVERYTHING = "every_expectation_was_evaluated"


def release_assets(settings: Settings, manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """Return the candidate with its checks, and the release that follows from it."""
    tables = _published_tables(settings, manifest)
    declared = {one.name: one for one in load_suites(EXPECTATIONS)[0] if one.table in tables}
    specs = [
        dg.AssetCheckSpec(_check_name(one), asset=tables[one.table], description=one.says) for one in declared.values()
    ]

    @dg.multi_asset(
        name="prove",
        specs=[
            dg.AssetSpec(
                CANDIDATE,
                deps=sorted(set(tables.values())),
                group_name="release",
                description="A copy of everything that would be published, judged by the expectations.",
                kinds={"duckdb", "greatexpectations"},
                skippable=True,
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                _EVERYTHING,
                asset=CANDIDATE,
                description="Every published mart and ledger has expectations, and each of them gave an answer.",
            ),
            *specs,
        ],
        allow_arbitrary_check_specs=True,
    )
    def prove(context: dg.AssetExecutionContext, clock: Clock, run_lock: RunLock) -> Iterator[Any]:
        plan = make_plan(settings, clock.instant(context, settings))
        if not is_built(settings, plan):
            raise RapportError(
                "The warehouse does not hold what the landing and the code of this moment give: "
                "something changed during the run. Nothing was published; run again."
            )
        say("prove", f"copying candidate {plan.release_id}")
        proven = prove_candidate(settings, plan)
        verdict = proven.verdict
        if proven.restated:
            told = ", ".join(f"{figures:,} by {cause}" for cause, figures in proven.restated.items())
            say("prove", f"figures of closed periods that changed: {told}")
        say("prove", f"{len(verdict.checks)} expectations, {len(verdict.failed)} failed")
        for check in verdict.checks:
            if check.name in declared:
                one = declared[check.name]
                yield _result(_check_name(one), tables[one.table], check, proven.pages)
        open_questions = [
            f"{check.name}: {check.error or check.observed}"
            for check in verdict.failed
            if check.name not in declared or not check.evaluated
        ]
        yield dg.AssetCheckResult(
            passed=not open_questions,
            asset_key=CANDIDATE,
            check_name=_EVERYTHING,
            metadata={"not_evaluated": open_questions},
        )
        yield dg.MaterializeResult(
            CANDIDATE,
            metadata={
                "release_id": plan.release_id,
                "expectations": len(verdict.checks),
                "failed": [check.name for check in verdict.failed],
                "restated_figures": proven.restated,
                "checks": _link(proven.pages),
            },
        )

    @dg.multi_asset(
        name="publish",
        specs=[
            dg.AssetSpec(
                RELEASE,
                deps=[CANDIDATE],
                group_name="release",
                description="What readers see: releases/current, switched in one step, and only to what is proven.",
                kinds={"duckdb", "parquet"},
            )
        ],
    )
    def publish(context: dg.AssetExecutionContext, clock: Clock, run_lock: RunLock) -> dg.MaterializeResult:
        plan = make_plan(settings, clock.instant(context, settings))
        started = context.instance.get_run_record_by_id(context.run.run_id)
        candidate = settings.folders.releases / f"{CANDIDATE_PREFIX}{plan.release_id}"
        say("publish", "exporting and verifying")
        result = publish_candidate(settings, plan, candidate, started.create_timestamp)
        record(
            settings.folders.audit_log,
            "run",
            outcome="published",
            release=result.release_id,
            is_new=result.is_new,
            as_of=plan.as_of.isoformat(),
            code_version=plan.code_version,
        )
        say("publish", f"release {result.release_id} is current")
        return dg.MaterializeResult(
            RELEASE,
            metadata={
                "release_id": result.release_id,
                "is_new": result.is_new,
                "folder": dg.MetadataValue.path(str(result.folder)),
                "checks": _link(result.folder / CHECKS / "index.html"),
                "as_of": plan.as_of.isoformat(),
                "code_version": plan.code_version,
                "inputs": len(plan.batches),
                "pruned": list(result.pruned),
            },
        )

    return [prove, publish]


def _published_tables(settings: Settings, manifest: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
    """Return `schema.table` -> asset key for every model and seed that a release carries."""
    translator = Translator(settings)
    return {
        f"{node['schema']}.{node['alias']}": translator.get_asset_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["schema"] in ("core", "marts", "audit", "meta")
    }


def _check_name(declared: Declared) -> str:
    """Return the check's name on its table: Dagster allows letters, digits and underscores."""
    return declared.name.removeprefix(f"{declared.table}.").replace(".", "__")


def _link(pages: Path) -> dg.MetadataValue:
    """Where the checks can be read as pages."""
    return dg.MetadataValue.url(pages.as_uri())


def _result(name: str, key: dg.AssetKey, check: Check, pages: Path) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {"observed": check.observed, "expected": check.expected}
    if not check.is_proof:
        metadata["checks"] = _link(pages)
    if check.error:
        metadata["error"] = check.error
    if check.rows:
        metadata["rows"] = dg.MetadataValue.md(_table(check.rows))
    return dg.AssetCheckResult(passed=check.is_proof, asset_key=key, check_name=name, metadata=metadata)


def _table(rows: tuple[dict[str, Any], ...]) -> str:
    columns = list(rows[0])
    lines = [columns, ["---"] * len(columns), *([str(row.get(column, "")) for column in columns] for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
