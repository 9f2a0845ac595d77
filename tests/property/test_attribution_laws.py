"""Laws of attribution: whatever the journeys, credits add up, and the removal effect is what its definition says."""

from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.attribution.apportion import apportion, apportion_each
from pipelines.attribution.credits import MODELS, WHOLE
from pipelines.attribution.journeys import UNATTRIBUTED, Place
from tests.journeys import Journey, Touch, attributed, effects_of

WEEK = timedelta(days=7)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PLACES = st.sampled_from([Place("crm", channel, campaign) for channel in "ABCD" for campaign in ("(unknown)", "K1")])
DAYS = st.dates(date(2025, 4, 20), date(2025, 7, 10))


@st.composite
def _journeys(draw: st.DrawFn) -> Journey:
    on = draw(DAYS)
    value = draw(st.none() | st.integers(-10_000, 10_000_000))
    waits = draw(st.lists(st.integers(0, 90 * 86_400), min_size=0 if value is not None else 1, max_size=6))
    end = datetime(on.year, on.month, on.day)
    ats = sorted(end - timedelta(seconds=wait) for wait in waits)
    return Journey(on, tuple(Touch(draw(PLACES), at) for at in ats), value)


@PATIENT
@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**12), min_size=1).filter(any))
def test_parts_add_up_and_are_less_than_one_off(total, weights):
    parts = apportion(total, weights)
    assert sum(parts) == total
    assert all(abs(p - Fraction(total * w, sum(weights))) < 1 for p, w in zip(parts, weights, strict=True))


@PATIENT
@given(
    st.lists(
        st.tuples(st.integers(-(2**62), 2**62), st.lists(st.integers(0, 10**15), min_size=1, max_size=7).filter(any)),
        max_size=6,
    )
)
def test_many_totals_at_once_are_split_as_each_by_itself(pairs):
    totals = np.array([total for total, _ in pairs], np.int64)
    weights = np.array([weight for _, own in pairs for weight in own], np.int64)
    counts = np.array([len(own) for _, own in pairs], np.int64)
    expected = [part for total, own in pairs for part in apportion(total, own)]
    assert apportion_each(totals, weights, counts).tolist() == expected


@PATIENT
@given(st.lists(_journeys(), max_size=8), st.integers(1, 5))
def test_where_a_batch_breaks_off_does_not_matter(journeys, rows):
    assert attributed(journeys, WEEK, rows) == attributed(journeys, WEEK)


@PATIENT
@given(st.lists(_journeys(), max_size=12), st.integers(1, 400).map(lambda days: timedelta(days=days)))
def test_credits_of_every_model_add_up_to_the_conversions_of_every_day_exactly(journeys, half_life):
    conversions: Counter = Counter()
    values: Counter = Counter()
    for model in MODELS:
        for one in journeys:
            if one.converted:
                conversions[model, one.ended_on] += WHOLE
                values[model, one.ended_on] += one.value
    credits = attributed(journeys, half_life)
    for credit in credits:
        conversions[credit.model, credit.day] -= credit.conversions
        values[credit.model, credit.day] -= credit.value
        assert credit.conversions >= 0
    assert not any(conversions.values())
    assert not any(values.values())
    untouched = sum(WHOLE for one in journeys if one.converted and not one.touches)
    for model in MODELS:
        nobody = sum(c.conversions for c in credits if c.model == model and c.place == UNATTRIBUTED)
        assert nobody == untouched


@PATIENT
@given(st.lists(_journeys(), max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_journeys_does_not_matter(journeys, rng):
    shuffled = rng.sample(journeys, len(journeys))
    assert attributed(shuffled, WEEK) == attributed(journeys, WEEK)


@PATIENT
@given(st.lists(_journeys(), max_size=10))
def test_the_closed_form_of_the_removal_effect_is_that_of_the_chain_without_the_place(journeys):
    effects = effects_of(journeys)
    everything = _converts(journeys, None)
    for place, effect in effects.items():
        without = _converts(journeys, place)
        expected = 1 - without / everything if everything else 0
        assert effect == pytest.approx(float(expected), abs=1e-9)


def _converts(journeys: list[Journey], removed: Place | None) -> Fraction:
    """The exact probability that a walk converts, by elimination of one place after the other."""
    steps: dict[object, Counter] = {}
    for one in journeys:
        places = [touch.place for touch in one.touches]
        walk = ["start", *places, "end" if one.converted else "nothing"]
        for here, there in pairwise(walk):
            if places:
                steps.setdefault(here, Counter())[there] += 1
    shares = {
        here: {there: Fraction(n, sum(ways.values())) for there, n in ways.items()} for here, ways in steps.items()
    }
    for place in [place for place in shares if place != "start"]:
        ways = {} if place == removed else shares[place]
        stays = ways.pop(place, Fraction(0))
        for other in shares.values():
            if other is not shares[place] and (share := other.pop(place, None)):
                for there, onward in ways.items():
                    other[there] = other.get(there, Fraction(0)) + share * onward / (1 - stays)
        shares[place] = {}
    return shares.get("start", {}).get("end", Fraction(0))
