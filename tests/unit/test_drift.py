"""How unusual a night is: against laws that are known, and against nights that are drawn."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.drift.chance import at_least, at_most, count_chance, is_alarm, share_chance
from pipelines.drift.files import old_files
from pipelines.drift.reading import _SENTENCES, Reading
from pipelines.drift.table import drift_table
from pipelines.landing.batches import BatchManifest, LandedFile


def test_tails_of_the_binomial_law():
    """Two of three coins: 1/2; none of three: 1/8; at most one: 1/2."""
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert at_least(0, 3, 0.5) == 1
    assert at_most(0, 3, 0.5) == pytest.approx(0.125)
    assert at_most(1, 3, 0.5) == pytest.approx(0.5)


def test_before_the_first_night_half_a_percent_is_usual():
    assert share_chance(0, 1000, []) == (1.0, pytest.approx(5.0))
    assert share_chance(400, 1000, [])[0] < 1e-12
    assert share_chance(8, 1000, [])[0] > 0.01


def test_what_is_usual_is_learned_and_a_night_counts_as_no_more_than_its_rows():
    """Twenty nights of 10 % and half a percent before them: (0.5 + 20 * 10) / (100 + 20 * 100) of the rows."""
    past = [(500, 5000)] * 20
    chance, usual = share_chance(500, 5000, past)
    assert usual == pytest.approx(5000 * 200.5 / 2100)
    assert chance > 0.3
    assert share_chance(3000, 5000, past)[0] < 1e-9
    assert share_chance(3, 10, [(1, 10)] * 4)[0] > 0.001


def test_where_nights_differ_much_more_is_usual():
    calm, wild = [(10, 1000)] * 30, [(0, 1000), (200, 1000), (10, 1000)] * 10
    assert share_chance(350, 1000, calm)[0] < 1e-6
    assert share_chance(350, 1000, wild)[0] > 1e-3


def test_both_too_few_and_too_many_records_are_unusual():
    days = [20, 22, 18, 25, 15, 19, 21] * 8
    assert count_chance(20, days, 1)[0] > 0.5
    assert count_chance(0, days, 1)[0] < 1e-3
    assert count_chance(200, days, 1)[0] < 1e-6
    assert count_chance(140, days, 7)[0] > 0.5
    assert count_chance(5, [1, 2], 1)[0] == 1, "two days teach nothing"


def test_clean_nights_give_fewer_false_alarms_than_stated():
    """100 watched columns with shares of 0 to 10 % that stay what they are: in 400 nights hardly ever an alarm."""
    draw = random.Random(7)  # noqa: S311
    shares = [draw.random() * 0.1 for _ in range(100)]
    past: list[list[tuple[int, int]]] = [[] for _ in shares]
    alarms = 0
    for night in range(400):
        rows = 300 + night
        for column, share in enumerate(shares):
            seen = sum(draw.random() < share for _ in range(rows // 10)) * 10
            chance, _ = share_chance(seen, rows, past[column][-60:])
            if night >= 5:
                alarms += is_alarm(chance, len(shares), 0.001)
            past[column].append((seen, rows))
    assert alarms <= 2


def test_readings_share_the_rate_of_false_alarms():
    assert is_alarm(0.0009 / 50, 50, 0.001)
    assert not is_alarm(0.0011 / 50, 50, 0.001)
    assert not is_alarm(float("nan"), 1, 0.001)


@pytest.mark.parametrize("kind", sorted(_SENTENCES.keys() - {"old file"}))
def test_every_count_is_told_in_a_sentence(kind):
    says = Reading("crm", "order", "amount", kind, 3, 40, 1.25, 0.2).says
    assert "3" in says
    assert "1.2" in says
    assert says.endswith(".")


def test_an_alarm_that_was_accepted_stays_an_alarm():
    reading = Reading("crm", "order", "(rows)", "vanished", 400, 1000, 5.0, 1e-30, 3)
    (row,) = drift_table([reading], 0.001, accepted=True).to_pylist()
    assert (row["is_alarm"], row["is_accepted"], row["observed"]) == (True, True, 400)


def batch(number: int, content: str, table: str = "order", load: str = "snapshot", rows: int = 3) -> BatchManifest:
    file = LandedFile(f"{table}_{number}.csv", 1, content)
    return BatchManifest(
        "generic", "shop", table, f"{number:06}-{content}", number, datetime(2025, 12, number, tzinfo=UTC), load, rows,
        0, f"hash of {number}", (file,), (), (), (), None, "", "", Path(),
    )  # fmt: skip


def names(batches: list[BatchManifest]) -> set[tuple[str, str, str]]:
    return {(one.source, one.table, one.batch_id) for one in batches}


def test_a_file_that_a_newer_one_had_replaced_is_an_alarm():
    published = [batch(1, "a"), batch(2, "b")]
    (found,) = old_files([*published, batch(3, "a")], names(published))
    assert (found.source, found.entity, found.subject, found.kind) == ("shop", "order", "2025-12-01", "old file")
    assert is_alarm(found.chance, 500, 0.001)
    assert found.says.startswith("What was delivered is what was landed on 2025-12-01")


@pytest.mark.parametrize("right", [batch(4, "b"), batch(4, "c")], ids=["the one before again", "a newer one"])
def test_after_an_old_file_the_right_one_is_published(right: BatchManifest):
    published = [batch(1, "a"), batch(2, "b")]
    refused = batch(3, "a")
    assert old_files([*published, refused], names(published))
    assert not old_files([*published, refused, right], names(published))


@pytest.mark.parametrize(
    "batches",
    [
        [batch(1, "a"), batch(2, "a")],  # the same under another name
        [batch(1, "a"), batch(2, "b"), batch(3, "c")],
        [batch(1, "a", table="lead"), batch(2, "b"), batch(3, "a")],
        [batch(1, "a", load="append"), batch(2, "b", load="append"), batch(3, "a", load="append")],
        [batch(1, "a"), batch(2, "x", load="correction"), batch(3, "a")],
        [batch(1, "a", rows=0), batch(2, "b"), batch(3, "a", rows=0)],
    ],
)
def test_other_deliveries_are_none(batches: list[BatchManifest]):
    assert not old_files(batches, names(batches[:-1]))


def test_what_the_release_before_was_made_from_is_no_delivery():
    batches = [batch(1, "a"), batch(2, "b"), batch(3, "a")]
    assert not old_files(batches, names(batches))
