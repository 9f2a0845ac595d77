"""Credits: each model on journeys that can be worked out by hand."""

from datetime import date, datetime, timedelta

import pytest

from pipelines.attribution.apportion import apportion
from pipelines.attribution.credits import MODELS, WHOLE
from pipelines.attribution.journeys import UNATTRIBUTED, Place
from tests.journeys import Journey, Touch, attributed, effects_of

A, B, C = (Place("crm", name, "(unknown)") for name in "ABC")
WEEK = timedelta(days=7)
DAY = date(2025, 5, 10)


def journey(*places: Place, value: int | None = 100, on: date = DAY, days: int = 1) -> Journey:
    """A journey whose touches are so many days apart, the last of them at noon of the day before `on`."""
    end = datetime(on.year, on.month, on.day, 12) - timedelta(days=1)
    ats = [end - timedelta(days=days * n) for n in reversed(range(len(places)))]
    return Journey(on, tuple(Touch(place, at) for place, at in zip(places, ats, strict=True)), value)


def lost(*places: Place, on: date = DAY) -> Journey:
    return journey(*places, value=None, on=on)


def credited(journeys: list[Journey], model: str) -> dict[Place, tuple[int, int]]:
    sums: dict[Place, list[int]] = {}
    for credit in attributed(journeys, WEEK):
        if credit.model == model:
            entry = sums.setdefault(credit.place, [0, 0])
            entry[0] += credit.conversions
            entry[1] += credit.value
    return {place: (conversions, value) for place, (conversions, value) in sums.items()}


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (100, [1, 2], [33, 67]),
        (2, [1, 1, 1], [1, 1, 0]),
        (5, [0, 1, 0], [0, 5, 0]),
        (0, [3, 4], [0, 0]),
        (10, [1, 0, 5], [2, 0, 8]),
    ],
)
def test_what_cannot_be_split_evenly_goes_to_the_largest_remainder_and_then_to_the_first(total, weights, parts):
    assert apportion(total, weights) == parts


@pytest.mark.parametrize("weights", [[0, 0], [2, -1]])
def test_nothing_can_be_split_by_weights_that_are_no_shares(weights):
    with pytest.raises(ValueError, match="weights are not below zero, and one is above"):
        apportion(10, weights)


@pytest.mark.parametrize(
    ("model", "shares"),
    [
        ("first", {A: (1_000_000, 10_000)}),
        ("last", {C: (1_000_000, 10_000)}),
        ("linear", {A: (250_000, 2_500), B: (500_000, 5_000), C: (250_000, 2_500)}),
        ("position", {A: (400_000, 4_000), B: (200_000, 2_000), C: (400_000, 4_000)}),
        # a week apart each: 1, 2, 4 and 8 fifteenths
        ("time_decay", {A: (66_667, 667), B: (400_000, 4_000), C: (533_333, 5_333)}),
    ],
)
def test_how_four_touches_share_a_conversion_of_a_hundred(model, shares):
    assert credited([journey(A, B, B, C, value=10_000, days=7)], model) == shares


@pytest.mark.parametrize("model", MODELS)
def test_one_touch_has_it_all(model):
    assert credited([journey(B)], model) == {B: (WHOLE, 100)}


@pytest.mark.parametrize("model", ["linear", "position", "markov"])
def test_two_touches_have_half_each(model):
    assert credited([journey(A, B, value=101)], model) == {A: (500_000, 51), B: (500_000, 50)}


@pytest.mark.parametrize("model", MODELS)
def test_a_conversion_that_nothing_touched_is_not_dropped(model):
    assert credited([journey(value=55), journey(A)], model) == {UNATTRIBUTED: (WHOLE, 55), A: (WHOLE, 100)}


@pytest.mark.parametrize("model", MODELS)
def test_the_refund_of_a_first_order_is_credited_like_its_price(model):
    assert credited([journey(A, value=-55)], model) == {A: (WHOLE, -55)}


@pytest.mark.parametrize("model", MODELS)
def test_what_led_to_nothing_is_credited_with_nothing(model):
    assert credited([lost(A, B), journey(C)], model) == {C: (WHOLE, 100)}


def test_a_touch_long_ago_still_has_its_share_where_all_were_long_ago():
    # the weights of time decay are relative to the newest touch, however old that is
    on = date(2025, 5, 10)
    old = datetime(2020, 1, 1)
    touches = (Touch(A, old), Touch(B, old + WEEK))
    assert credited([Journey(on, touches, 300)], "time_decay") == {A: (333_333, 100), B: (666_667, 200)}


def test_the_removal_effect_of_a_worked_example():
    # From A half of the walks go on to B; from B half convert, from C all do. 2/3 of all begin with A, 1/3 with C.
    # All: 2/3 * (1/2 * 1/2) + 1/3 = 1/2. Without A only C is left, 1/3; without B the same; without C 1/6.
    journeys = [journey(A, B), lost(A, B), lost(A), lost(A), journey(C), journey(C)]
    effects = effects_of(journeys)
    assert effects == pytest.approx({A: 1 / 3, B: 1 / 3, C: 2 / 3})
    # 3 conversions by 1/4, 1/4 and 1/2
    assert credited(journeys, "markov") == {A: (750_000, 75), B: (750_000, 75), C: (1_500_000, 150)}


def test_a_walk_that_comes_back_is_removed_as_a_whole():
    # Every conversion passes A; B is on the way back and forth: from A half convert, half go to B, and B leads to A.
    # Without B: 1/2 of the walks convert.
    assert effects_of([journey(A, B, A)]) == pytest.approx({A: 1.0, B: 0.5})


def test_where_nothing_converts_nothing_can_be_lost():
    assert effects_of([lost(A, B), journey()]) == {A: 0.0, B: 0.0}
    assert effects_of([journey()]) == {}


def test_a_month_is_not_changed_by_what_comes_later():
    may = [journey(A, B), lost(A), journey(B, on=date(2025, 5, 31))]
    june = [lost(B, on=date(2025, 6, 1)), lost(B, on=date(2025, 6, 2)), journey(A, C, on=date(2025, 6, 3))]
    before = attributed(may, WEEK)
    assert [credit for credit in attributed([*june, *may], WEEK) if credit.day.month == 5] == before
    assert {credit.place for credit in before} == {A, B}
