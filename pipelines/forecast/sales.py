"""The sales forecast: every method's figures for the next months, its back-test, and which one did best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.forecast.backtest import Method, Score, backtest, bias, half_width, wape
from pipelines.forecast.methods import exponential_smoothing, seasonal_naive


@dataclass(frozen=True)
class Forecast:
    """A method's figure for a month, with an 80 % interval and the method's back-test; amounts as in the history."""

    month: date
    method: str
    forecast: float
    lower: float | None
    upper: float | None
    backtest_wape: float | None
    backtest_bias: float | None
    backtest_months: int
    is_best_method: bool


def forecasts(
    first_month: date,
    revenue: Sequence[float],
    pipeline: Mapping[tuple[date, date], float],
    months: int,
    origins: int,
) -> list[Forecast]:
    """Return the forecasts of the `months` months that follow the history, by method and month.

    `revenue` has the amount of every complete month from `first_month` (first of a month) on. `pipeline` has, for the
    month that begins at an origin and each month from it on, the weighted open pipeline as it was known when the
    origin began. A method that has too little to go by has no rows. The best method is the one with the least WAPE of
    its back-test, the first by name among equals.
    """
    methods = _methods(first_month, revenue, pipeline)
    foretold = {name: method(len(revenue), months) for name, method in methods.items()}
    scores = {name: backtest(revenue, methods[name], origins, months) for name, found in foretold.items() if found}
    ranked = sorted((share, name) for name, found in scores.items() if (share := wape(found)) is not None)
    best = ranked[0][1] if ranked else None
    return [
        _forecast(name, found, add_months(first_month, len(revenue) + ahead - 1), ahead, amount, name == best)
        for name, found in scores.items()
        for ahead, amount in enumerate(foretold[name] or (), start=1)
    ]


def add_months(month: date, count: int) -> date:
    """Return the first day of the month `count` months after that of `month`."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def _methods(
    first_month: date, revenue: Sequence[float], pipeline: Mapping[tuple[date, date], float]
) -> dict[str, Method]:
    def weighted_pipeline(known: int, months: int) -> list[float] | None:
        origin = add_months(first_month, known)
        targets = [(origin, add_months(origin, ahead)) for ahead in range(months)]
        if not any(target in pipeline for target in targets):
            return None
        return [pipeline.get(target, 0.0) for target in targets]

    return {
        "exponential_smoothing": _not_negative(lambda known, months: exponential_smoothing(revenue[:known], months)),
        "seasonal_naive": _not_negative(lambda known, months: seasonal_naive(revenue[:known], months)),
        "weighted_pipeline": _not_negative(weighted_pipeline),
    }


def _not_negative(method: Method) -> Method:
    """Return the method with 0 for every month of which it foretells less than nothing."""

    def clipped(known: int, months: int) -> list[float] | None:
        foretold = method(known, months)
        return None if foretold is None else [max(0.0, amount) for amount in foretold]

    return clipped


def _forecast(name: str, scores: list[Score], month: date, ahead: int, amount: float, is_best: bool) -> Forecast:
    half = half_width(scores, ahead)
    return Forecast(
        month=month,
        method=name,
        forecast=amount,
        lower=None if half is None else max(0.0, amount - half),
        upper=None if half is None else amount + half,
        backtest_wape=wape(scores),
        backtest_bias=bias(scores),
        backtest_months=len(scores),
        is_best_method=is_best,
    )
