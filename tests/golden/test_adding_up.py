"""Every figure that adds up does so to the cent: members to the whole, months to quarters and years, mart to mart.

What adds up over what is said by the metric catalogue; a mart's column that is an exception says so in its YAML
(`adds_up`), and a mart whose members make up the whole several times over names the columns that tell the wholes
apart (`wholes`).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from pipelines.paths import DBT_PROJECT
from tests.support import ask

PERIOD = ("period_grain", "period_start")
NOT_BASE = ("_previous", "_last_year", "_growth", "_growth_yoy", "_numerator", "_denominator")


@dataclass(frozen=True)
class Measure:
    mart: str
    column: str
    metric: str
    adds_up: str
    wholes: tuple[str, ...]
    members: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.mart}.{self.column}"


def catalogue() -> dict[str, str]:
    with (DBT_PROJECT / "seeds" / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["adds_up"] for row in csv.DictReader(file)}


def measures() -> Iterator[Measure]:
    """The measures of the marts by period that the catalogue says add up."""
    metrics = catalogue()
    for file in sorted((DBT_PROJECT / "models" / "marts").rglob("rpt_*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
            names = [column["name"] for column in model["columns"]]
            if not set(PERIOD) <= set(names):
                continue
            (key,) = [test["unique_combination"]["arguments"]["columns"] for test in model["data_tests"]]
            wholes = tuple(model["config"]["meta"].get("wholes", ()))
            members = tuple(column for column in key if column not in (*PERIOD, *wholes))
            for column in model["columns"]:
                meta = column["config"]["meta"]
                metric = meta.get("metric", column["name"])
                if column["name"].endswith(NOT_BASE) or metric not in metrics:
                    continue
                adds_up = meta.get("adds_up", metrics[metric])
                if adds_up != "no":
                    yield Measure(model["name"], column["name"], metric, adds_up, wholes, members)


MEASURES = list(measures())


def totals(home: Path, measure: Measure) -> dict[tuple, dict[tuple, object]]:
    """Whole -> (grain, start) -> total of the measure."""
    names = ", ".join((*PERIOD, *measure.wholes))
    rows = ask(home, f"select {names}, sum({measure.column}) from marts.{measure.mart} group by {names}")
    found: dict[tuple, dict[tuple, object]] = {}
    for grain, start, *whole, total in rows:
        # minutes are not decimals: their last digits depend on the order of the sum
        total = round(total, 6) if isinstance(total, float) else total
        found.setdefault(tuple(whole), {})[grain, start] = total or 0
    return found


def over_time(home: Path, measure: Measure, grain: str) -> list[tuple]:
    """The members and periods of `grain` whose months do not add up to them."""
    by = (*measure.wholes, *measure.members)
    names = "".join(f", {name}" for name in by)
    of_months = "".join(f", months.{name}" for name in by)
    same = "".join(f" and whole.{name} is not distinct from parts.{name}" for name in by)
    return ask(
        home,
        f"""
        with parts as (
            select periods.period_start{of_months}, sum(months.{measure.column}) as total
            from marts.{measure.mart} as months
            inner join core.dim_period as periods
                on periods.period_grain = '{grain}'
                and months.period_start >= periods.period_start and months.period_start < periods.period_end
            where months.period_grain = 'month'
            group by periods.period_start{of_months}
        ),
        whole as (select period_start{names}, {measure.column} as total from marts.{measure.mart}
            where period_grain = '{grain}')
        select * from whole full outer join parts on whole.period_start = parts.period_start{same}
        where cast(coalesce(whole.total, 0) as decimal(38, 6)) <> cast(coalesce(parts.total, 0) as decimal(38, 6))
        """,
    )


def disagreements(home: Path, metric: str) -> list[str]:
    """Where the marts that show a metric, added up, differ from the first of them."""
    series = {
        f"{measure} {whole or ''}": figures
        for measure in MEASURES
        if measure.metric == metric and "members" in measure.adds_up
        for whole, figures in totals(home, measure).items()
    }
    if not series:
        return []
    first, *others = series
    return [
        f"{other} {period}: {series[other].get(period, 0)}, but {first}: {series[first].get(period, 0)}"
        for other in others
        for period in sorted(series[first].keys() | series[other].keys())
        if series[first].get(period, 0) != series[other].get(period, 0)
    ]


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("metric", sorted({measure.metric for measure in MEASURES if "members" in measure.adds_up}))
def test_members_add_up_to_the_whole_and_marts_agree(demo_home, metric):
    assert not disagreements(demo_home, metric)[:5]


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("grain", ["quarter", "year"])
@pytest.mark.parametrize("measure", [m for m in MEASURES if "periods" in m.adds_up], ids=str)
def test_months_add_up(demo_home, measure, grain):
    assert not over_time(demo_home, measure, grain)[:5]


@pytest.mark.xdist_group("olist")
def test_members_and_months_add_up_on_real_data(olist_home):
    wrong = [line for metric in sorted({m.metric for m in MEASURES}) for line in disagreements(olist_home, metric)]
    for measure in (m for m in MEASURES if "periods" in m.adds_up):
        wrong += [
            f"{measure} {grain}: {row}"
            for grain in ("quarter", "year")
            for row in over_time(olist_home, measure, grain)
        ]
    assert not wrong[:5]


def test_what_adds_up_is_found():
    found = {(measure.mart, measure.column) for measure in MEASURES}
    assert {("rpt_sales_summary", "revenue"), ("rpt_sales_by_product", "units")} <= found
