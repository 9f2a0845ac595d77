"""One row per model, day, source, channel and campaign: what they are credited with of the conversions of the day."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipelines.attribution.credits import attribute
from pipelines.warehouse.frames import batches_of

SCHEMA = pa.schema(
    {
        "model": pa.string(),
        "day": pa.date32(),
        "source": pa.string(),
        "channel": pa.string(),
        "campaign": pa.string(),
        "conversions": pa.decimal128(38, 6),
        "revenue": pa.decimal128(38, 2),
    }
)


def model(dbt: Any, session: Any) -> pa.Table:
    """Return the credits as an Arrow table; the models are in pipelines/attribution."""
    dbt.config(materialized="table")
    journeys = batches_of(dbt.ref("attribution_journeys"), "journey", "step")
    half_life = timedelta(days=float(dbt.config.get("half_life_days")))
    credits = [
        {
            "model": credit.model,
            "day": credit.day,
            "source": credit.place.source,
            "channel": credit.place.channel,
            "campaign": credit.place.campaign,
            "conversions": Decimal(credit.conversions).scaleb(-6),
            "revenue": Decimal(credit.value).scaleb(-2),
        }
        for credit in attribute(journeys, half_life)
    ]
    return pa.Table.from_pylist(credits, SCHEMA)
