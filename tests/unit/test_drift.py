"""How unusual a night is: against laws that are known, and against nights that are drawn."""

import random

import pytest

from pipelines.drift.chance import at_least, at_most, count_chance, is_alarm, share_chance
from pipelines.drift.reading import _SENTENCES, Reading
from pipelines.drift.table import drift_table


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


@pytest.mark.parametrize("kind", _SENTENCES)
def test_every_kind_of_reading_is_told_in_a_sentence(kind):
    says = Reading("crm", "order", "amount", kind, 3, 40, 1.25, 0.2).says
    assert "3" in says
    assert "1.2" in says
    assert says.endswith(".")


def test_an_alarm_that_was_accepted_stays_an_alarm():
    reading = Reading("crm", "order", "(rows)", "vanished", 400, 1000, 5.0, 1e-30, 3)
    (row,) = drift_table([reading], 0.001, accepted=True).to_pylist()
    assert (row["is_alarm"], row["is_accepted"], row["observed"]) == (True, True, 400)
