"""An id that is an e-mail address is a pseudonym everywhere behind the landing, and joins as before."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.config import Settings, load_settings
from pipelines.landing.batches import list_batches
from pipelines.landing.ingest import ingest_source
from pipelines.warehouse.register import register

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    source = tmp_path / "source"
    source.mkdir()
    (source / "account.csv").write_text("account_id,name\nada@example.com,Ada\nA2,Bo\n")
    (source / "order.csv").write_text(
        "order_id,account_id,ordered_at,status\nO1,ada@example.com,2025-01-01,delivered\nO2,A2,2025-01-01,delivered\n"
    )
    config = tmp_path / "rapport.yml"
    config.write_text(
        f"company: {{name: X, currency: EUR}}\nhome: {tmp_path / 'home'}\n"
        f"sources: [{{name: shop, system: generic, kind: files, location: {source}}}]\n"
    )
    return load_settings(config)


def joined(settings: Settings) -> list[tuple]:
    for source in settings.sources:
        ingest_source(source, settings.folders.landing, AS_OF)
    register(settings.folders.database, settings, list_batches(settings.folders.landing))
    with duckdb.connect(str(settings.folders.database), read_only=True) as connection:
        return connection.execute(
            "select o.order_id, a.account_id, a.name from landing.generic__order as o "
            "join landing.generic__account as a using (account_id) order by 1"
        ).fetchall()


def test_an_id_that_is_an_address_is_replaced_and_still_joins(settings):
    (first, pseudonym, name), second = joined(settings)
    assert (first, name) == ("O1", "Ada")
    assert pseudonym.startswith("P")
    assert len(pseudonym) == 25
    assert second == ("O2", "A2", "Bo")
    assert joined(settings)[0][1] == pseudonym
    assert settings.folders.pseudonym_key.stat().st_mode & 0o777 == 0o600


def test_another_key_gives_another_pseudonym(settings, monkeypatch):
    monkeypatch.setenv("RAPPORT_PSEUDONYM_KEY", "the first key of the two")
    before = joined(settings)
    monkeypatch.setenv("RAPPORT_PSEUDONYM_KEY", "the second key of the two")
    assert joined(settings)[0][1] != before[0][1]
    assert not settings.folders.pseudonym_key.exists()


def test_without_such_ids_there_is_no_key(settings):
    for file in (settings.sources[0].location).iterdir():
        file.write_text(file.read_text().replace("ada@example.com", "A1"))
    assert [row[1] for row in joined(settings)] == ["A1", "A2"]
    assert not settings.folders.pseudonym_key.exists()
