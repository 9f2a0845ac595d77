"""Compares what the pandas program computed with the marts, figure by figure."""

from pathlib import Path
from typing import Any

import duckdb

from benchmarks.pandas_marts import MARTS
from pipelines.releases.names import quote_text

# which rows of a mart the program computes; all that is not named
_WHERE = {
    "rpt_win_rate": "basis = 'period'",
    "rpt_returns": "dimension in ('all', 'product_line', 'product', 'channel')",
}


def compare(warehouse: Path, folder: Path) -> list[dict[str, Any]]:
    """Return by mart how many figures were compared, and how many differ; where a row is missing, it is zero.

    What is zero on both sides is not counted.
    Money is compared to the cent, everything else exactly.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return [_compare(connection, mart, folder / f"{mart}.parquet") for mart in MARTS]


def _compare(connection: duckdb.DuckDBPyConnection, mart: str, file: Path) -> dict[str, Any]:
    names, measures, money = MARTS[mart]
    keys = ", ".join(["period_grain", "period_start", *names])
    sums = ", ".join(
        f"cast(coalesce(sum({name}), 0) * {100 if name in money else 1} as decimal(38, 4)) as {name}"
        for name in measures
    )
    theirs = ", ".join(f"cast({name} as decimal(38, 4)) as {name}" for name in measures)
    compared = [f"coalesce(published.{name}, 0) <> coalesce(computed.{name}, 0)" for name in measures]
    figures = " + ".join(
        f"count(*) filter (where coalesce(published.{name}, 0) <> 0 or coalesce(computed.{name}, 0) <> 0)"
        for name in measures
    )
    differing = " + ".join(f"count(*) filter (where {one})" for one in compared)
    count, different = connection.execute(
        f"""
        with
        published as (select {keys}, {sums} from marts.{mart} where {_WHERE.get(mart, "true")} group by {keys}),
        computed as (
            select period_grain, cast(period_start as date) as period_start, {", ".join([*names, theirs])}
            from read_parquet({quote_text(str(file))})
        )
        select {figures}, {differing} from published full join computed using ({keys})
        """
    ).fetchone()
    return {
        "mart": mart,
        "measures": ", ".join(measures),
        "figures": count,
        "different": different,
    }
