"""How the next months are foretold from the past ones. A method that has too little to go by says None."""

import warnings
from collections.abc import Sequence

YEAR = 12
_SMOOTHING_NEEDS = 2 * YEAR


def seasonal_naive(history: Sequence[float], months: int) -> list[float] | None:
    """Return for each of the next `months` what the same month brought last year; None with less than a year.

    `history` has one amount per month without gaps, the oldest first, and so has what is returned.
    """
    if len(history) < YEAR:
        return None
    year = list(history[-YEAR:])
    return [year[month % YEAR] for month in range(months)]


def exponential_smoothing(history: Sequence[float], months: int) -> list[float] | None:
    """Return the next `months` by Holt and Winters: level, damped trend and additive season; None under two years.

    The parameters are those that fit the history best (statsmodels, started from its heuristic).
    """
    if len(history) < _SMOOTHING_NEEDS:
        return None
    # statsmodels takes seconds to import
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        # a fit that did not converge is still a forecast; the back-test shows what it is worth
        warnings.simplefilter("ignore")
        model = ExponentialSmoothing(
            list(history),
            trend="add",
            damped_trend=True,
            seasonal="add",
            seasonal_periods=YEAR,
            initialization_method="heuristic",
        )
        foretold = model.fit().forecast(months)
    return [float(amount) for amount in foretold]
