"""The steps of a refresh that follow the landing. Each can be called alone; none starts where the one before failed."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.config import Settings
from pipelines.errors import ProofError, RapportError
from pipelines.landing.batches import verify_batch
from pipelines.paths import EXPECTATIONS
from pipelines.quality.judge import judge
from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Verdict
from pipelines.refresh.plan import Plan, make_manifest
from pipelines.releases.candidate import build_candidate, export_parquet
from pipelines.releases.publish import PublishResult, publish
from pipelines.warehouse import dbt
from pipelines.warehouse.register import register

DATA_ERRORS = "warehouse/data_errors.txt"
# what goes wrong before any row is read
_ABOUT_CODE = {"Compilation Error", "Binder Error", "Parser Error", "Catalog Error"}
_KIND = re.compile(r"(?:\w+ Error in [\w ]+\([^)]*\) )?(?P<kind>[A-Z]\w*(?: [A-Z]\w*)* Error)\b")


@dataclass(frozen=True)
class Proven:
    """A judged candidate."""

    candidate: Path
    verdict: Verdict


def is_built(settings: Settings, plan: Plan) -> bool:
    """Return whether the warehouse holds exactly what `plan` would build."""
    mark = settings.folders.built_mark
    if not mark.is_file() or not settings.folders.database.is_file():
        return False
    return json.loads(mark.read_text(encoding="utf-8")).get("fingerprint") == plan.fingerprint


def build_warehouse(
    settings: Settings, plan: Plan, on_result: Callable[[dbt.NodeResult], None] | None = None
) -> list[dbt.NodeResult]:
    """Rebuild the warehouse from the landed batches of `plan`; return what became of each model and test.

    Failures are results: `check_built` raises for them. Raises RapportError where a batch is not what was landed.
    """
    mark = settings.folders.built_mark
    mark.unlink(missing_ok=True)
    for batch in plan.batches:
        verify_batch(batch)
    register(settings.folders.database, settings, list(plan.batches))
    results = dbt.build(settings, plan.as_of, on_result)
    _keep_messages(settings, results)
    if results and all(result.ok for result in results):
        mark.write_text(json.dumps({"fingerprint": plan.fingerprint}), encoding="utf-8")
    return results


def _keep_messages(settings: Settings, results: list[dbt.NodeResult]) -> None:
    """Write what the models and tests that failed say to a file that only the owner can reach."""
    said = [f"{result.unique_id}: {result.message}\n" for result in results if not result.ok and result.message]
    (settings.folders.root / DATA_ERRORS).write_text("".join(said), encoding="utf-8")


def check_built(results: list[dbt.NodeResult]) -> None:
    """Raise where a model or test failed: ProofError for a test, RapportError for a model that cannot be built."""
    failed = [result for result in results if not result.ok and result.status != "skipped"]
    if not results:
        raise RapportError("dbt built nothing. Look at the project's models; nothing was published.")
    if not failed:
        return
    shown = [f"  {result.name}: {reason(result)}" for result in failed[:10]]
    more = [f"  and {len(failed) - 10} more"] if len(failed) > 10 else []
    skipped = sum(result.status == "skipped" for result in results)
    tests = all(result.kind == "test" and result.status == "fail" for result in failed)
    what = "stopped by proof: structural tests failed" if tests else "the models could not be built"
    text = "\n".join(
        [f"{what}; {skipped} models and tests that need them were skipped. Nothing was published.", *shown, *more]
    )
    raise ProofError(text) if tests else RapportError(text)


def prove_candidate(settings: Settings, plan: Plan) -> Proven:
    """Copy what would be published out of the warehouse, judge that copy, and store the verdict in it."""
    candidate = build_candidate(settings.folders.database, settings.folders.releases, plan.release_id)
    previous = plan.current.folder if plan.current else None
    verdict = judge(candidate / "marts.duckdb", EXPECTATIONS, previous)
    store_verdict(candidate / "marts.duckdb", verdict)
    return Proven(candidate, verdict)


def publish_candidate(settings: Settings, plan: Plan, candidate: Path, published_at: datetime) -> PublishResult:
    """Publish the candidate, all at once, if its stored verdict allows it.

    Raises ProofError otherwise; the refused candidate's verdict is kept as `warehouse/last_refused.json`.
    """
    try:
        export_parquet(candidate)
        return publish(
            candidate,
            settings.folders.releases,
            make_manifest(plan, settings, published_at),
            settings.releases.keep,
        )
    except ProofError as error:
        kept = settings.folders.warehouse / "last_refused.json"
        shutil.copyfile(candidate / "verdict.json", kept)
        shutil.rmtree(candidate)
        raise ProofError(f"{error}\nAll checks, with the rows that failed, are in {kept}.") from None


def reason(result: dbt.NodeResult) -> str:
    """Return why a model or test failed, without values: an error that data caused may quote a person's."""
    if result.status == "fail":
        return f"{result.failures} rows failed"
    text = " ".join(result.message.split())
    found = _KIND.match(text)
    kind = found["kind"] if found else "Error"
    if kind in _ABOUT_CODE:
        return text[:400]
    return f"{kind} on the data; the message may quote values, and is in {DATA_ERRORS}"
