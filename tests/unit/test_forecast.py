"""What is foretold, and how it is judged, on histories small enough to work out by hand."""

from datetime import date

import pytest

from pipelines.forecast.backtest import Score, backtest, bias, half_width, wape
from pipelines.forecast.methods import exponential_smoothing, seasonal_naive
from pipelines.forecast.sales import add_months, forecasts

JANUARY = date(2024, 1, 1)
SEASON = [100.0, 80, 120, 130, 150, 160, 170, 150, 120, 110, 140, 200]


def test_the_same_month_of_last_year_comes_again():
    assert seasonal_naive([1.0, *SEASON], 14) == [*SEASON, *SEASON[:2]]


def test_less_than_a_year_foretells_nothing():
    assert seasonal_naive(SEASON[:11], 1) is None
    assert exponential_smoothing([*SEASON, *SEASON[:11]], 1) is None


def test_smoothing_finds_a_season_that_repeats():
    assert exponential_smoothing(SEASON * 3, 12) == pytest.approx(SEASON, rel=0.02)


def test_less_than_nothing_is_never_foretold():
    returned = [-50.0, *SEASON[1:]]
    rows = forecasts(JANUARY, returned * 3, pipeline={}, months=1, origins=12)
    assert {row.method: row.forecast for row in rows}["seasonal_naive"] == 0
    assert min(row.lower for row in rows) >= 0


def test_a_method_sees_only_what_was_complete_at_the_origin():
    seen = []

    def last(known: int, months: int) -> list[float]:
        seen.append(known)
        return [float(known)] * months

    scores = backtest([10.0, 20.0, 30.0, 40.0], last, origins=2, months=3)
    assert seen == [2, 3]
    # at the end of month 2 the months 3 and 4 could be scored, at the end of month 3 only month 4
    assert scores == [Score(1, 2.0, 30.0), Score(2, 2.0, 40.0), Score(1, 3.0, 40.0)]


def test_errors_are_shares_of_what_came():
    scores = [Score(1, 110.0, 100.0), Score(1, 70.0, 100.0)]
    assert wape(scores) == pytest.approx(0.2)  # (10 + 30) / 200
    assert bias(scores) == pytest.approx(-0.1)  # (10 - 30) / 200


def test_where_nothing_came_or_nothing_was_foretold_there_is_no_score():
    assert wape([Score(1, 5.0, 0.0)]) is None
    assert bias([]) is None
    assert half_width([], 1) is None


def test_an_interval_is_as_wide_as_the_errors_at_that_distance():
    near = [Score(1, 103.0, 100.0), Score(1, 96.0, 100.0), Score(1, 100.0, 100.0)]
    assert half_width(near, 1) == pytest.approx(1.2816 * (25 / 3) ** 0.5)  # 3² + 4² + 0²
    far = [*near, Score(2, 112.0, 100.0)]
    assert half_width(far, 2) == pytest.approx(1.2816 * (169 / 4) ** 0.5)  # one error is too few: all four


def test_the_best_method_is_the_one_that_was_least_wrong():
    rows = forecasts(JANUARY, SEASON * 3, pipeline={}, months=3, origins=12)
    assert {row.method for row in rows} == {"seasonal_naive", "exponential_smoothing"}
    assert {row.method for row in rows if row.is_best_method} == {"seasonal_naive"}
    naive = [row for row in rows if row.method == "seasonal_naive"]
    assert [(row.month, row.forecast, row.lower, row.upper) for row in naive] == [
        (date(2027, 1, 1), 100.0, 100.0, 100.0),
        (date(2027, 2, 1), 80.0, 80.0, 80.0),
        (date(2027, 3, 1), 120.0, 120.0, 120.0),
    ]
    assert naive[0].backtest_wape == 0
    # twelve origins; the last two have less than three complete months after them
    assert naive[0].backtest_months == 10 * 3 + 2 + 1


def test_the_pipeline_is_judged_by_what_was_known_at_each_origin():
    pipeline = {
        (date(2024, 2, 1), date(2024, 2, 1)): 50.0,
        (date(2024, 2, 1), date(2024, 3, 1)): 90.0,
        (date(2024, 3, 1), date(2024, 3, 1)): 100.0,
    }
    rows = forecasts(JANUARY, [100.0, 100.0], pipeline, months=2, origins=1)
    (first, second) = rows
    assert (first.method, first.month, first.forecast) == ("weighted_pipeline", date(2024, 3, 1), 100.0)
    assert second.forecast == 0  # nothing was expected for April
    assert first.backtest_wape == pytest.approx(0.5)  # 50 foretold for February in January, 100 came
    assert first.backtest_months == 1
    assert first.lower == pytest.approx(100 - 1.2816 * 50)


def test_no_history_no_forecast():
    assert forecasts(JANUARY, [], {}, months=6, origins=12) == []


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        (date(2024, 12, 1), 1, date(2025, 1, 1)),
        (date(2024, 1, 1), -1, date(2023, 12, 1)),
        (JANUARY, 24, date(2026, 1, 1)),
    ],
)
def test_months_run_over_years(month, count, expected):
    assert add_months(month, count) == expected
