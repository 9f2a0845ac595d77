"""Going back to an older release, and not coming back to what was left by accident."""

import json

from pipelines.audit_log import entries, record
from pipelines.config import Settings
from pipelines.errors import ConfigError, ProofError
from pipelines.paths import Home
from pipelines.refresh.lock import only_run
from pipelines.refresh.plan import Plan
from pipelines.releases.catalog import Release, current_release
from pipelines.releases.chain import chain_of, log_of, read_chain, readable_releases
from pipelines.releases.durable import switch_current
from pipelines.releases.names import check_release_id
from pipelines.releases.verify import check_release

_SHOWN = 10


def roll_back(home: Home, release_id: str, why: str) -> Release:
    """Make the release `release_id` the current one, and return it; releases after it count as rolled back.

    It is verified first. Raises ConfigError where there is no such release or no reason, ProofError where it is not
    what was published, RapportError while a run is at work.
    """
    check_release_id(release_id)
    if not why.strip():
        raise ConfigError("--why: is empty. Say why the release is taken back; the audit log keeps it.")
    with only_run(home.lock):
        releases = {release.id: release for release in readable_releases(home.releases)}
        target = releases.get(release_id)
        if target is None:
            raise ConfigError(f"{home.releases}: has no release {release_id!r}. Those there are: rapport releases.")
        chain = read_chain(home.releases)
        links = {link.release_id: link for link in chain.links.values()}
        findings = check_release(target.folder, links.get(release_id))
        if findings:
            shown = [f"  {finding}" for finding in findings[:_SHOWN]]
            raise ProofError(
                "\n".join([f"Release {release_id} is not what was published; nothing was changed.", *shown])
            )
        left = home.releases / "current"
        newer = sorted(release.id for release in releases.values() if release.number > target.number)
        record(
            log_of(home.releases),
            "rollback",
            release=release_id,
            number=target.number,
            left=left.readlink().name if left.is_symlink() else None,
            rolled_back=newer,
            why=why.strip(),
        )
        switch_current(home.releases, release_id)
    return current_release(home.releases) or target


def check_not_rolled_back(settings: Settings, plan: Plan) -> None:
    """Raise ProofError where `plan` would publish what somebody rolled back: the same batches, code and configuration.

    The instant does not count: what was wrong yesterday is wrong today.
    """
    recorded = entries(settings.folders.audit_log)
    rolled_back = chain_of(recorded).rolled_back
    for release in readable_releases(settings.folders.releases) if rolled_back else []:
        if release.id in rolled_back and _origin(release.manifest) == _plan_origin(plan):
            entry = [one for one in recorded if one["action"] == "rollback"][-1]
            current = plan.current.id if plan.current else "none"
            raise ProofError(
                f"Nothing was published: batches, code and configuration are those of release {release.id}, which "
                f"{entry['who']} rolled back on {entry['at'][:16]} UTC: {entry['details']['why']}\n"
                f"Release {current} stays the current one. Correct the source, the configuration or the code; "
                "or publish it all the same: rapport run --rebuild."
            )


def lift_rollback(home: Home) -> None:
    """Record that what was rolled back may be published again. Nothing is recorded where nothing was rolled back."""
    rolled_back = read_chain(home.releases).rolled_back
    if rolled_back:
        record(log_of(home.releases), "resume", releases=sorted(rolled_back))


def _origin(manifest: dict) -> tuple:
    inputs = [tuple(one[key] for key in ("system", "source", "table", "batch_id")) for one in manifest["inputs"]]
    return manifest["code_version"], json.dumps(manifest["config"], sort_keys=True), sorted(inputs)


def _plan_origin(plan: Plan) -> tuple:
    inputs = [(batch.system, batch.source, batch.table, batch.batch_id) for batch in plan.batches]
    return plan.code_version, json.dumps(plan.config, sort_keys=True, default=str), sorted(inputs)
