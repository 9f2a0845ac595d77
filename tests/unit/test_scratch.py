"""Databases in memory leave nothing behind, and show nothing to others, when they do not fit."""

import stat
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ConfigError
from pipelines.memory import memory_limit
from pipelines.scratch import in_memory


def test_what_does_not_fit_into_memory_is_private_and_goes_away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with in_memory() as connection:
        ((place,),) = connection.execute("select current_setting('temp_directory')").fetchall()
        connection.execute("set memory_limit = '60MB'; set threads = 1")
        connection.execute(
            "create table t as select i, md5(i::varchar) as a, sha256(i::varchar) as b from range(600000) r(i)"
        )
        connection.execute("create table sorted as select * from t order by a")
        spilled = list(Path(place).iterdir())
        assert spilled
        assert stat.S_IMODE(Path(place).stat().st_mode) == 0o700
    assert not Path(place).exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["8GB", "2500MB", "1.5 GiB"])
def test_memory_is_limited_by_the_environment(monkeypatch, text):
    monkeypatch.setenv("RAPPORT_MEMORY", text)
    with in_memory() as connection, duckdb.connect() as other:
        other.execute(f"set memory_limit = '{text}'")
        limits = [c.execute("select current_setting('memory_limit')").fetchone() for c in (connection, other)]
    assert limits[0] == limits[1]


@pytest.mark.parametrize("text", ["", "much", "80%", "0GB", "-1GB", "2GB'; drop table t; --"])
def test_a_limit_that_is_no_size_is_said_to_be_none(monkeypatch, text):
    monkeypatch.setenv("RAPPORT_MEMORY", text)
    with pytest.raises(ConfigError, match="RAPPORT_MEMORY: found"):
        memory_limit()
