"""A release is built again from its own batches and no other, and from what was landed, or erased on the record."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.audit_log import entries, record
from pipelines.code import code_version
from pipelines.config import load_settings
from pipelines.errors import ConfigError, RapportError
from pipelines.landing.batches import list_batches
from pipelines.landing.recorded import batch_name, record_landed, recorded_batches
from pipelines.paths import Home
from pipelines.refresh.plan import make_manifest, make_plan, settings_of
from pipelines.refresh.reproduce import batches_of
from pipelines.refresh.rollback import check_not_rolled_back, lift_rollback, roll_back
from pipelines.releases.chain import readable_releases
from pipelines.releases.publish import publish
from tests.unit.test_releases import prepare
from tests.unit.test_verify import edit, land

CONFIG = """
company: {{name: Shop, currency: EUR, time_zone: Asia/Shanghai, fiscal_year_start: 4}}
home: {home}
metrics: {{active_days: 30, churn_days: 200}}
quality: {{max_quarantined_share: 0.5}}
sources:
  - {{name: crm, system: generic, kind: files, location: {home}-source, options: {{currency: USD, decimal_mark: ","}}}}
"""
FIRST, SECOND = datetime.fromisoformat("2024-05-01T00:00:00Z"), datetime.fromisoformat("2024-05-02T00:00:00Z")


@pytest.fixture
def company(tmp_path: Path):
    """Settings, and a home with one batch of 1 May and one of 2 May."""
    home = Home(tmp_path / "home")
    config = tmp_path / "rapport.yml"
    config.write_text(CONFIG.format(home=home.root))
    land(home, "id,name\n1,one\n", 1)
    land(home, "id,name\n1,one\n2,two\n", 2)
    record_landed(home.audit_log, home.landing)
    return load_settings(config), home


def published(settings, home: Home, as_of: datetime) -> dict:
    """Publish a small candidate with the manifest that a run at `as_of` would give it; return that manifest."""
    plan = make_plan(settings, as_of)
    manifest = make_manifest(plan, settings, as_of)
    prepared = prepare(home.releases, plan.release_id, manifest["number"])
    publish(prepared, home.releases, manifest, keep=9)
    (release,) = [one for one in readable_releases(home.releases) if one.id == plan.release_id]
    return release.manifest


def again(home: Home, manifest: dict) -> tuple[list[str], tuple[str, ...]]:
    batches, erased = batches_of(home.landing, manifest, recorded_batches(entries(home.audit_log)))
    return [batch_name(batch) for batch in batches], erased


def test_only_the_batches_of_the_release_are_built_from(company):
    settings, home = company
    first, second = map(batch_name, list_batches(home.landing))
    assert again(home, published(settings, home, FIRST)) == ([first], ())
    assert again(home, published(settings, home, SECOND)) == ([first, second], ())


def test_the_settings_of_then_are_used_and_not_those_of_today(company, tmp_path):
    settings, home = company
    manifest = published(settings, home, FIRST)
    today = settings.model_copy(update={"metrics": settings.metrics.model_copy(update={"active_days": 99})})
    then = settings_of(manifest, today, tmp_path / "aside")
    assert (then.company, then.metrics, then.quality) == (settings.company, settings.metrics, settings.quality)
    assert then.sources[0].options == settings.sources[0].options
    assert then.folders.root == tmp_path / "aside"
    assert not then.sources[0].location.exists()


def test_settings_that_this_code_does_not_know_are_named(company, tmp_path):
    settings, home = company
    manifest = published(settings, home, FIRST)
    manifest["config"]["metrics"]["guess"] = 1
    with pytest.raises(ConfigError, match=r"metrics\.guess.*Use the code that published it"):
        settings_of(manifest, settings, tmp_path / "aside")


def erase(home: Home) -> str:
    """Change the rows of the first batch as an erasure does; return the hash that they had."""
    batch = list_batches(home.landing)[0]
    batch.rows_file.chmod(0o644)
    batch.rows_file.write_bytes(batch.rejects_file.read_bytes())
    told = f'"rows_sha256": "{batch.rows_sha256}"'
    edit(batch.folder / "manifest.json", told, f'"rows_sha256": "{batch.rejects_sha256}"')
    return batch.rows_sha256


def test_a_batch_that_was_rewritten_is_accepted_only_if_the_erasure_is_on_record(company):
    settings, home = company
    manifest = published(settings, home, FIRST)
    old = erase(home)
    with pytest.raises(RapportError, match="the audit log has no erasure that did it"):
        again(home, manifest)
    batch = list_batches(home.landing)[0]
    same = [batch.rejects_sha256] * 2
    change = {"batch": batch_name(batch), "rows_sha256": [old, batch.rows_sha256], "rejects_sha256": same}
    record(home.audit_log, "erase", batches=[change])
    assert again(home, manifest) == ([batch_name(batch)], (batch_name(batch),))
    assert again(home, published(settings, home, SECOND))[1] == (), "published after the erasure"


def test_batches_that_are_missing_or_others_are_all_named(company):
    settings, home = company
    manifest = published(settings, home, SECOND)
    manifest["inputs"][0]["rows"] = 7
    manifest["inputs"][1]["table"] = "people"
    with pytest.raises(RapportError) as refusal:
        again(home, manifest)
    first, second = manifest["inputs"]
    assert f"generic/crm/orders/{first['batch_id']}: is another batch" in str(refusal.value)
    assert f"generic/crm/people/{second['batch_id']}: is not in the landing any more" in str(refusal.value)


# What was rolled back is held


def test_what_was_rolled_back_is_held_at_any_later_instant_until_a_person_lifts_it(company):
    settings, home = company
    good, bad = published(settings, home, FIRST), published(settings, home, SECOND)
    roll_back(home, good["release_id"], "two orders too many")
    for as_of in (SECOND, SECOND.replace(day=9)):
        with pytest.raises(RapportError, match=f"are those of release {bad['release_id']}(.|\n)*two orders too many"):
            check_not_rolled_back(settings, make_plan(settings, as_of))
    lift_rollback(home)
    check_not_rolled_back(settings, make_plan(settings, SECOND))
    assert [entry["action"] for entry in entries(home.audit_log)][-2:] == ["rollback", "resume"]


@pytest.mark.parametrize("new", ["batch", "configuration", "code"])
def test_something_new_is_published_after_a_rollback(company, new):
    settings, home = company
    good = published(settings, home, FIRST)
    published(settings, home, SECOND)
    roll_back(home, good["release_id"], "wrong")
    plan = make_plan(settings, SECOND)
    if new == "batch":
        land(home, "id,name\n1,one\n2,zwei\n", 3)
        plan = make_plan(settings, SECOND.replace(day=3))
    elif new == "configuration":
        changed = settings.model_copy(update={"metrics": settings.metrics.model_copy(update={"active_days": 31})})
        plan = make_plan(changed, SECOND)
    else:
        plan = replace(plan, code_version=code_version() + "0")
    check_not_rolled_back(settings, plan)


def test_without_a_rollback_nothing_is_lifted_or_recorded(company):
    settings, home = company
    published(settings, home, FIRST)
    before = len(entries(home.audit_log))
    lift_rollback(home)
    assert len(entries(home.audit_log)) == before
