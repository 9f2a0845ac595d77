"""One row per future month and method: what is foretold, its interval, and the method's back-test."""

from dataclasses import astuple
from typing import Any

import pyarrow as pa

from pipelines.forecast.sales import forecasts
from pipelines.warehouse.frames import rows_of

SCHEMA = pa.schema(
    {
        "month": pa.date32(),
        "method": pa.string(),
        "forecast": pa.float64(),
        "lower": pa.float64(),
        "upper": pa.float64(),
        "backtest_wape": pa.float64(),
        "backtest_bias": pa.float64(),
        "backtest_months": pa.int64(),
        "is_best_method": pa.bool_(),
    }
)


def model(dbt: Any, session: Any) -> pa.Table:
    """Return the forecasts as an Arrow table; the methods are in pipelines/forecast."""
    dbt.config(materialized="table")
    history = list(rows_of(dbt.ref("monthly_revenue"), "month"))
    outlook = list(rows_of(dbt.ref("pipeline_outlook")))
    rows = []
    if history:
        rows = forecasts(
            first_month=history[0]["month"],
            revenue=[float(row["revenue"]) for row in history],
            pipeline={(row["origin"], row["month"]): float(row["weighted_amount"] or 0) for row in outlook},
            months=dbt.config.get("forecast_months"),
            origins=dbt.config.get("backtest_months"),
        )
    columns = zip(*map(astuple, rows), strict=True) if rows else [()] * len(SCHEMA)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.table(arrays, schema=SCHEMA)
