"""What the commands about releases print, and how they end."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.audit_log import read_log, record
from pipelines.cli import cli
from pipelines.errors import ConfigError, ProofError, RapportError
from tests.unit.test_reproduce import FIRST, SECOND, company, published

__all__ = ["company"]


@pytest.fixture
def shop(company):
    """A company with two releases: its configuration, its home, and the ids of the two."""
    settings, home = company
    return settings.file, home, [published(settings, home, at)["release_id"] for at in (FIRST, SECOND)]


def called(command: str, config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [command, "--config", str(config), *arguments])


def test_verify_prints_the_end_of_the_log_which_can_be_given_back(shop):
    config, home, _ = shop
    head = read_log(home.audit_log).head
    done = called("verify", config)
    assert done.exit_code == 0, done.output
    assert f"Verified: 2 releases, 2 landed batches, {head.entries} lines of the audit log." in done.output
    assert f"The log ends with {head.sha256}." in done.output
    assert called("verify", config, "--known", head.sha256).exit_code == 0
    refused = called("verify", config, "--known", "0" * 64)
    assert isinstance(refused.exception, ProofError)
    assert refused.exception.exit_code == 3
    assert str(refused.exception).startswith("1 things are not as they were recorded:\n")


def test_rollback_needs_a_reason_and_releases_shows_it(shop):
    config, _, (first, second) = shop
    missing = called("rollback", config, first)
    assert (missing.exit_code, "--why" in missing.output) == (2, True)
    done = called("rollback", config, first, "--why", "wrong")
    assert done.output == f"Release {first} is current, as of 2024-05-01T00:00 UTC.\n"
    marked = [line for line in called("releases", config).output.splitlines() if line.endswith("rolled back")]
    assert [line.split()[0] for line in marked] == [second]
    record_line = called("log", config, "--last", "1").output
    assert record_line.split()[3] == "rollback"
    assert record_line.rstrip().endswith("why: wrong")


def test_the_log_shows_as_many_lines_as_are_asked_for(shop):
    config, home, _ = shop
    record(home.audit_log, "export", file="rows.csv", rows=3)
    assert len(called("log", config).output.splitlines()) == len(read_log(home.audit_log).entries)
    (line,) = called("log", config, "--last", "1").output.splitlines()
    assert line.endswith("export     file: rows.csv, rows: 3")


def test_a_broken_log_is_shown_with_what_is_wrong_and_set_aside_with_a_reason_only(shop):
    config, home, _ = shop
    home.audit_log.write_bytes(home.audit_log.read_bytes().replace(b'"publish"', b'"pubfish"', 1))
    shown = called("log", config)
    assert "pubfish" in shown.output
    assert isinstance(shown.exception, ProofError)
    without = called("log", config, "--restart")
    assert isinstance(without.exception, ConfigError)
    done = called("log", config, "--restart", "--why", "edited by hand")
    assert done.exit_code == 0, done.output
    assert "audit-broken-1.jsonl" in done.output
    assert called("verify", config).exit_code == 0
    again = called("log", config, "--restart", "--why", "once more")
    assert isinstance(again.exception, RapportError)


def test_a_release_that_is_not_there_cannot_be_reproduced(shop):
    config, *_ = shop
    done = called("reproduce", config, "20200101T000000Z-00000000")
    assert isinstance(done.exception, ConfigError)
    assert "is not there. Those there are: rapport releases." in str(done.exception)
