"""Nothing leaves the audit log unnoticed, and whatever kills a process leaves a log that can go on."""

import getpass
import hashlib
import json
import multiprocessing
import stat
from pathlib import Path

import pytest

from pipelines.audit_log import entries, head_file, read_log, record, restart
from pipelines.errors import RapportError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "home" / "audit.jsonl"
    for number in range(1, 5):
        record(file, "run", outcome=f"number {number}")
    return file


def lines(log: Path) -> list[bytes]:
    return log.read_bytes().splitlines()


def problems(log: Path) -> str:
    return "\n".join(read_log(log).problems)


def test_a_line_says_who_did_what_and_when_and_names_the_line_before(tmp_path, monkeypatch):
    monkeypatch.setenv("RAPPORT_USER", "night shift")
    log = tmp_path / "audit.jsonl"
    record(log, "rollback", release="r1", why="double\nrevenue — März")
    record(log, "run", outcome="published")
    first, second = map(json.loads, lines(log))
    assert list(first) == ["number", "at", "who", "action", "details", "previous"]
    assert (first["number"], first["who"], first["action"]) == (1, "night shift", "rollback")
    assert first["details"] == {"release": "r1", "why": "double\nrevenue — März"}
    assert first["at"].endswith("+00:00")
    assert first["previous"] is None
    assert second["previous"] == hashlib.sha256(lines(log)[0]).hexdigest()
    assert read_log(log).head.sha256 == hashlib.sha256(lines(log)[1]).hexdigest()


def test_without_a_name_it_is_the_login_name(log):
    assert entries(log)[0]["who"] == getpass.getuser()


def test_log_and_head_are_readable_by_their_owner_alone(log):
    assert {stat.S_IMODE(file.stat().st_mode) for file in (log, head_file(log))} == {0o600}


def test_a_log_that_does_not_exist_is_empty_and_sound(tmp_path):
    found = read_log(tmp_path / "audit.jsonl")
    assert (found.entries, found.problems, found.head) == ((), (), None)


def test_lines_cut_off_at_the_end_are_noticed_and_nothing_is_added(log):
    log.write_bytes(b"\n".join(lines(log)[:2]) + b"\n")
    assert "has 2 lines, and had 4" in problems(log)
    with pytest.raises(RapportError, match="has 2 lines, and had 4"):
        record(log, "run")
    assert len(lines(log)) == 2


def test_a_log_that_was_removed_is_noticed(log):
    log.unlink()
    assert "has 0 lines, and had 4" in problems(log)
    with pytest.raises(RapportError, match="had 4"):
        record(log, "run")


def test_a_line_in_the_middle_cannot_be_removed_changed_put_in_or_moved(log):
    first, second, third, fourth = lines(log)
    for changed in (
        [first, third, fourth],
        [first, second.replace(b"number 2", b"number 7"), third, fourth],
        [first, second, second, third, fourth],
        [first, third, second, fourth],
        [second, third, fourth],
    ):
        log.write_bytes(b"\n".join(changed) + b"\n")
        assert problems(log), changed
        with pytest.raises(RapportError):
            entries(log)


def test_lines_that_somebody_added_are_noticed(log):
    before = log.read_bytes()
    for added in (b"{}\n", lines(log)[3] + b"\n", b"x\ny\n"):
        log.write_bytes(before + added)
        assert "not written by Rapport" in problems(log)


def test_a_log_without_its_head_cannot_be_trusted(log):
    head_file(log).unlink()
    assert "audit.head: is missing" in problems(log)


@pytest.mark.parametrize("text", ["", "[]", '{"entries": 4}', '{"entries": 0, "sha256": ""}\n'])
def test_a_head_that_is_none_is_noticed(log, text):
    head_file(log).write_text(text)
    assert "audit.head: was changed" in problems(log)


def test_a_process_killed_between_line_and_head_leaves_a_log_that_goes_on(log):
    head = head_file(log).read_bytes()
    record(log, "run", outcome="number 5")
    head_file(log).write_bytes(head)
    assert problems(log) == ""
    record(log, "run", outcome="number 6")
    assert [entry["details"]["outcome"][-1] for entry in entries(log)] == list("123456")


def test_a_first_line_without_a_head_is_one_that_was_killed(tmp_path):
    log = tmp_path / "audit.jsonl"
    record(log, "run")
    head_file(log).unlink()
    record(log, "run")
    assert len(entries(log)) == 2


def test_a_line_that_a_loss_of_power_left_unfinished_is_repaired_and_told(log):
    with log.open("ab") as file:
        file.write(b'{"number": 5, "at"')
    assert read_log(log).is_torn
    record(log, "run", outcome="number 5")
    found = read_log(log)
    assert (found.problems, found.is_torn) == ((), False)
    assert [entry["action"] for entry in found.entries[-2:]] == ["repair", "run"]
    assert found.entries[-2]["details"] == {"unfinished_bytes": 18}


def write_many(log: Path, name: str, count: int) -> None:
    for number in range(count):
        record(log, "run", outcome=f"{name} {number}")


def test_processes_that_record_at_the_same_time_do_not_break_the_chain(tmp_path):
    log = tmp_path / "audit.jsonl"
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=write_many, args=(log, name, 20)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = read_log(log)
    assert found.problems == ()
    told = [entry["details"]["outcome"] for entry in found.entries]
    assert sorted(told) == sorted(f"{name} {number}" for name in "abcd" for number in range(20))
    for name in "abcd":
        assert [one for one in told if one.startswith(name)] == [f"{name} {number}" for number in range(20)]


def test_a_broken_log_is_set_aside_and_the_new_one_names_it(log):
    log.write_bytes(b"\n".join(lines(log)[:2]) + b"\n")
    broken = log.read_bytes()
    aside = restart(log, "disk full on 3 May")
    assert aside.read_bytes() == broken
    (entry,) = entries(log)
    assert entry["action"] == "restart"
    assert entry["details"] == {
        "why": "disk full on 3 May",
        "set_aside": aside.name,
        "sha256": hashlib.sha256(broken).hexdigest(),
    }
    assert "had 4" in problems(aside)


def test_a_sound_log_is_not_set_aside(log):
    before = log.read_bytes()
    with pytest.raises(RapportError, match="is sound"):
        restart(log, "no reason")
    assert log.read_bytes() == before
