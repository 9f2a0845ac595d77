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
from pipelines.progress import say
from pipelines.quality.judge import judge
from pipelines.quality.pages import About, write_pages
from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Verdict
from pipelines.refresh.accept import how_to_accept
from pipelines.refresh.compare import record_comparison
from pipelines.refresh.plan import Plan, make_manifest
from pipelines.releases.candidate import build_candidate, export_parquet
from pipelines.releases.names import CHECKS, VERDICT
from pipelines.releases.publish import PublishResult, publish
from pipelines.releases.refused import keep_refused
from pipelines.restatements.rebuild import models_of, save_models
from pipelines.warehouse import dbt
from pipelines.warehouse.kept import built_from, why_anew
from pipelines.warehouse.register import register

DATA_ERRORS = "warehouse/data_errors.txt"
# what goes wrong before any row is read
_ABOUT_CODE = {"Compilation Error", "Binder Error", "Parser Error", "Catalog Error"}
_KIND = re.compile(r"(?:\w+ Error in [\w ]+\([^)]*\) )?(?P<kind>[A-Z]\w*(?: [A-Z]\w*)* Error)\b")


@dataclass(frozen=True)
class Proven:
    """A judged candidate.

    `restated` counts the figures of closed periods that each cause changed; `pages` is where the checks can be read
    once the run has ended, published or refused.
    """

    candidate: Path
    verdict: Verdict
    restated: dict[str, int]
    pages: Path


def is_built(settings: Settings, plan: Plan) -> bool:
    """Return whether the warehouse holds exactly what `plan` would build."""
    mark = settings.folders.built_mark
    if not mark.is_file() or not settings.folders.database.is_file():
        return False
    return json.loads(mark.read_text(encoding="utf-8")).get("fingerprint") == plan.fingerprint


def build_warehouse(
    settings: Settings,
    plan: Plan,
    on_result: Callable[[dbt.NodeResult], None] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[dbt.NodeResult]:
    """Build the warehouse from the landed batches of `plan`; return what became of each model and test.

    Where all but the batches is as in the last build, and that was complete, what has been conformed is kept and
    follows the batches that are new; else everything is built anew. `tell` is given which, and why. Failures are
    results: `check_built` raises for them. Raises RapportError where a batch is not what was landed.
    """
    mark = settings.folders.built_mark
    batches = list(plan.batches)
    rules = {"code": plan.code_version, "configuration": plan.config}
    now = built_from(settings, plan.fingerprint, rules, batches)
    anew = why_anew(settings, now)
    mark.unlink(missing_ok=True)
    for batch in plan.batches:
        verify_batch(batch)
    tell(f"everything anew: {anew}" if anew else "following what changed since the last build")
    register(settings.folders.database, settings, batches, plan.fingerprint, follow=anew is None)
    results = dbt.build(settings, plan.as_of, on_result)
    _keep_messages(settings, results)
    if results and all(result.ok for result in results):
        save_models(models_of(result.node for result in results), settings.folders.built_models)
        mark.write_text(json.dumps(now), encoding="utf-8")
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
    """Copy what would be published out of the warehouse, judge that copy, and store the verdict in it.

    Of a candidate that did not pass, the verdict, its pages and the quarantine are kept in `warehouse/refused`.
    """
    candidate = build_candidate(settings.folders.database, settings.folders.releases, plan.release_id)
    restated = record_comparison(settings, plan, candidate)
    say("prove", "judging")
    previous = plan.current.folder if plan.current else None
    verdict = judge(candidate / "marts.duckdb", EXPECTATIONS, previous)
    store_verdict(candidate / "marts.duckdb", verdict)
    about = About(plan.release_id, f"{plan.as_of:%Y-%m-%d %H:%M}", plan.code_version, len(plan.batches))
    write_pages(candidate, verdict, about)
    if not verdict.passed:
        keep_refused(candidate, settings.folders, plan.release_id)
    folder = settings.folders.releases / plan.release_id if verdict.passed else settings.folders.refused
    return Proven(candidate, verdict, restated, folder / CHECKS / "index.html")


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
        kept = settings.folders.last_refused
        told = json.loads((candidate / VERDICT).read_text(encoding="utf-8"))
        kept.write_text(json.dumps({"release_id": plan.release_id, **told}, ensure_ascii=False), encoding="utf-8")
        pages = keep_refused(candidate, settings.folders, plan.release_id)
        shutil.rmtree(candidate)
        advice = how_to_accept(told, plan.release_id)
        raise ProofError(
            f"{error}\nAll checks, with the rows that failed, are in {kept}; as pages: {pages}{advice}"
        ) from None


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
