"""What an erasure reaches in the landing, what it leaves alone, and what it records."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.config import Settings, load_settings
from pipelines.errors import ConfigError
from pipelines.landing.batches import list_batches, verify_batch
from pipelines.landing.ingest import ingest_source
from pipelines.privacy.erase import Request, delivery_eraser, erase

FILES = {
    "account.csv": "account_id,name,email,birth_date,city\n"
    "A1,Ada Lark,ada@example.com,1990-05-17,Berlin\n"
    "A2,Bo Finch,bo@example.com,1991-06-18,Berlin\n"
    "A3,Shared,ADA@example.com,,Berlin\n"
    ",Ada Lark,ada@example.com,,Berlin\n"
    "A1,Ada Lark,one field too many,ada@example.com,1990-05-17,Berlin\n",
    "contact.csv": "contact_id,account_id,name,email\nC1,A1,Cy Wren,cy@example.com\nC2,A2,Di Crow,di@example.com\n",
    "activity.csv": "activity_id,account_id,contact_id,kind,occurred_at,subject\n"
    "K1,A1,,call,2025-01-01,Ada Lark called\nK2,,C1,call,2025-01-01,Cy Wren called\n"
    "K3,A2,C2,call,2025-01-01,Bo called\n",
    "project.csv": "project_id,account_id,name\nP1,A1,House of Ada\nP2,A2,House of Bo\n",
    "project_task.csv": "task_id,project_id,name\nT1,P1,Move Ada in\nT2,P2,Move Bo in\n",
}
OF_ADA = ("Ada Lark", "ada@example.com", "ADA@example.com", "1990-05-17", "Cy Wren", "cy@example.com")
PROJECTS_OF_ADA = ("House of Ada", "Move Ada in")
OF_OTHERS = ("Bo Finch", "bo@example.com", "1991-06-18", "Di Crow", "di@example.com", "Bo called", "Shared")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    source = tmp_path / "source"
    source.mkdir()
    for name, text in FILES.items():
        (source / name).write_text(text)
    config = tmp_path / "rapport.yml"
    config.write_text(
        f"company: {{name: X, currency: EUR}}\nhome: {tmp_path / 'home'}\n"
        f"sources: [{{name: crm, system: generic, kind: files, location: {source}}}]\n"
    )
    found = load_settings(config)
    land(found, 1)
    return found


def land(settings: Settings, day: int) -> None:
    (source,) = settings.sources
    ingest_source(
        source,
        settings.folders.landing,
        datetime(2026, 1, day, tzinfo=UTC),
        erase=delivery_eraser(settings, source),
    )


def landed(settings: Settings) -> str:
    rows = [
        str(pq.read_table(file).to_pylist())
        for batch in list_batches(settings.folders.landing)
        for file in (batch.rows_file, batch.rejects_file)
    ]
    return "\n".join(rows)


def entries(settings: Settings) -> list[dict]:
    return [json.loads(line)["details"] for line in settings.folders.audit_log.read_text().splitlines()]


def test_an_account_is_erased_with_its_contacts_texts_and_lines_that_are_no_rows(settings):
    before = landed(settings)
    assert all(value in before for value in (*OF_ADA, *PROJECTS_OF_ADA, *OF_OTHERS))
    erase(settings, Request("request 17", "crm", "account", "A1"))
    after = landed(settings)
    assert [value for value in (*OF_ADA, *PROJECTS_OF_ADA) if value in after] == []
    assert [value for value in OF_OTHERS if value not in after] == []
    for batch in list_batches(settings.folders.landing):
        verify_batch(batch)


def test_a_contact_is_erased_alone(settings):
    erase(settings, Request("request 18", "crm", "contact", "C1"))
    after = landed(settings)
    assert [value for value in ("Cy Wren", "cy@example.com") if value in after] == []
    assert "Ada Lark called" in after
    assert [value for value in OF_OTHERS if value not in after] == []


def test_what_is_delivered_again_is_erased_as_it_is_landed(settings):
    erase(settings, Request("request 17", "crm", "account", "A1"))
    account = settings.sources[0].location / "account.csv"
    account.write_text(account.read_text() + "A4,Ed Kite,ed@example.com,,Bonn\n")
    land(settings, 2)
    after = landed(settings)
    assert "Ed Kite" in after
    assert [value for value in OF_ADA if value in after] == []


def test_the_request_is_recorded_without_the_person(settings):
    old = {batch.table: batch for batch in list_batches(settings.folders.landing)}
    erase(settings, Request("request 17", "crm", "account", "A1"))
    (entry,) = entries(settings)
    assert entry["why"] == "request 17"
    assert entry["members"] == {"account": 1, "activity": 2, "contact": 1, "project": 1, "project_task": 1}
    recorded = settings.folders.audit_log.read_text() + settings.folders.erased.read_text()
    assert [value for value in (*OF_ADA, '"A1"', '"C1"') if value in recorded] == []
    changed = {one["batch"].split("/")[2]: one for one in entry["batches"]}
    assert set(changed) == {"account", "contact", "activity", "project", "project_task"}
    for batch in list_batches(settings.folders.landing):
        assert changed[batch.table]["rows_sha256"] == [old[batch.table].rows_sha256, batch.rows_sha256]
        assert (batch.rows, batch.content_hash) == (old[batch.table].rows, old[batch.table].content_hash)
    assert changed["account"]["rejects_sha256"][0] != changed["account"]["rejects_sha256"][1]
    assert settings.folders.erased.stat().st_mode & 0o777 == 0o600


def test_erasing_again_changes_nothing(settings):
    erase(settings, Request("request 17", "crm", "account", "A1"))
    after = landed(settings)
    again = erase(settings, Request("request 17, again", "crm", "account", "A1"))
    assert landed(settings) == after
    assert (again.rows, again.batches) == (0, 0)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request("x", "crm", "account", "A9"), "no landed row of account has this id"),
        (Request("x", "shop", "account", "A1"), "source 'shop': is not configured"),
        (Request("x", customer="C0"), "has no account of that number"),
    ],
)
def test_whoever_is_not_there_is_not_erased(settings, request_, message):
    before = landed(settings)
    with pytest.raises(ConfigError, match=message):
        erase(settings, request_)
    assert landed(settings) == before
    assert not settings.folders.audit_log.exists()
