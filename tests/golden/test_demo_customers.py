"""What the demo's release says about customers against the answers that its generator worked out."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.support import ask

pytestmark = pytest.mark.xdist_group("demo")

PERIODS = ("month", "quarter", "year")
INSTANT = "strftime({}, '%Y-%m-%dT%H:%M:%SZ')"
CLASS_COLUMNS = ("recency_days", "frequency", "monetary", "rfm_score", "rfm_segment", "value_tier", "abc_class")


@pytest.fixture(scope="module")
def answers(demo_home) -> dict:
    return json.loads((demo_home.parent / "demo" / "known_answers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def names(demo_home) -> dict[str, str]:
    """Number of every customer -> the account that the answers name it after."""
    return dict(ask(demo_home, "select customer_number, account_id from core.dim_customer where is_current"))


def start_of(period: str) -> date:
    """The first day of 2024, 2024-Q2 or 2024-05."""
    year, _, part = period.partition("-")
    month = int(part.removeprefix("Q")) * 3 - 2 if part.startswith("Q") else int(part or 1)
    return date(int(year), month, 1)


def written(value: object) -> object:
    """A value as the answers write it: amounts with two decimals, days and instants in ISO form."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value


def records(home, columns: tuple[str, ...], source: str) -> Iterator[tuple[object, dict]]:
    """The first column of each row, and the others by their names."""
    for key, *values in ask(home, f"select {', '.join(columns)} from {source}"):
        yield key, dict(zip(columns[1:], map(written, values), strict=True))


def by_period(answer: dict[str, dict], columns: tuple[str, ...]) -> dict[date, dict]:
    return {start_of(period): {column: figures[column] for column in columns} for period, figures in answer.items()}


@pytest.mark.parametrize("day", ["2023-10-31", "2024-12-31"])
def test_the_classes_of_every_customer_at_an_assignment(demo_home, answers, names, day):
    found = records(
        demo_home, ("customer_number", *CLASS_COLUMNS), f"core.fct_customer_classes where assigned_on = date '{day}'"
    )
    assert {names[number]: standing for number, standing in found} == answers["customer_classes"][day]


@pytest.mark.parametrize("grain", ["day", *PERIODS])
def test_customers_by_segment_and_their_revenue(demo_home, answers, grain):
    rows = ask(
        demo_home,
        "select period_start, segment_kind || '|' || segment, customers, revenue from marts.rpt_customer_segments "
        f"where period_grain = '{grain}' and customers > 0",
    )
    expected = {
        (date.fromisoformat(period) if grain == "day" else start_of(period), segment): (
            a["customers"],
            Decimal(a["revenue"]),
        )
        for period, segments in answers["customer_segments"][grain].items()
        for segment, a in segments.items()
    }
    asked = {start for start, _ in expected}
    found = {(start, segment): tuple(figures) for start, segment, *figures in rows if grain != "day" or start in asked}
    assert found == expected


def test_sales_by_segment_and_month(demo_home, answers):
    rows = ask(
        demo_home,
        "select period_start, segment_kind || '|' || segment, sum(revenue), sum(units) "
        "from marts.rpt_sales_by_segment where period_grain = 'month' and customers > 0 group by all",
    )
    expected = {
        (start_of(period), segment): (Decimal(a["revenue"]), Decimal(a["units"]))
        for period, segments in answers["sales_by_segment"]["month"].items()
        for segment, a in segments.items()
    }
    assert {(start, segment): tuple(figures) for start, segment, *figures in rows} == expected


def test_sales_by_product_line_and_segment_of_every_year(demo_home, answers):
    rows = ask(
        demo_home,
        "select period_start, product_line || '|' || segment_kind || '|' || segment, revenue, units, customers "
        "from marts.rpt_sales_by_segment where period_grain = 'year' and customers > 0",
    )
    expected = {
        (start_of(period), segment): (Decimal(a["revenue"]), Decimal(a["units"]), a["customers"])
        for period, segments in answers["sales_by_segment"]["year"].items()
        for segment, a in segments.items()
    }
    assert {(start, segment): tuple(figures) for start, segment, *figures in rows} == expected


def test_everything_that_is_known_of_a_customer(demo_home, answers, names):
    known = tuple(
        column
        for column in next(iter(answers["customer_profiles"].values()))
        if column not in ("class", "last_interaction_at")
    )
    found = records(demo_home, ("customer_number", *known), "marts.rpt_customer_360")
    expected = {name: {column: a[column] for column in known} for name, a in answers["customer_profiles"].items()}
    assert {names[number]: profile for number, profile in found} == expected


def test_when_a_customer_was_spoken_to_last(demo_home, answers, names):
    rows = ask(
        demo_home, f"select customer_number, {INSTANT.format('last_interaction_at')} from marts.rpt_customer_360"
    )
    assert {names[number]: instant for number, instant in rows} == {
        name: a["last_interaction_at"] for name, a in answers["customer_profiles"].items()
    }


def test_the_present_classes_of_every_customer(demo_home, answers, names):
    found = records(demo_home, ("customer_number", *CLASS_COLUMNS), "marts.rpt_customer_360")
    expected = {name: a["class"] for name, a in answers["customer_profiles"].items()}
    assert {names[number]: standing for number, standing in found} == expected


def test_the_way_of_the_most_valuable_customers(demo_home, answers, names):
    rows = ask(
        demo_home,
        f"""
        select customer_number, max(step_number), count(*), count(*) filter (where is_won),
            min_by(step_kind, step_number), max_by(step_kind, step_number),
            {INSTANT.format("min_by(occurred_at, step_number)")}, {INSTANT.format("max_by(occurred_at, step_number)")}
        from marts.rpt_customer_journey group by customer_number
        """,
    )
    expected = {
        name: (a["steps"], a["steps"], a["won"], a["first"], a["last"], a["first_at"], a["last_at"])
        for name, a in answers["customer_journeys"].items()
    }
    assert {names[number]: tuple(way) for number, *way in rows} == expected


def test_who_left_when_and_what_they_did_before(demo_home, answers, names):
    columns = tuple(next(iter(next(iter(answers["customer_churn"].values())).values())))
    found = {}
    for number, churn in records(demo_home, ("customer_number", "churned_on", *columns), "marts.rpt_customer_churn"):
        found.setdefault(names[number], {})[churn.pop("churned_on")] = churn
    assert found == answers["customer_churn"]


@pytest.mark.parametrize("grain", PERIODS)
def test_why_customers_left(demo_home, answers, grain):
    rows = ask(
        demo_home,
        "select period_start, reason, customers, revenue_lost, reason_coverage_numerator, reason_coverage_denominator "
        f"from marts.rpt_churn_reasons where period_grain = '{grain}' and customers > 0",
    )
    expected = {}
    for period, reasons in answers["churn_reasons"][grain].items():
        total = sum(a["customers"] for a in reasons.values())
        known = total - reasons.get("(unknown)", {"customers": 0})["customers"]
        for reason, a in reasons.items():
            expected[start_of(period), reason] = (a["customers"], Decimal(a["revenue_lost"]), known, total)
    assert {(start, reason): tuple(figures) for start, reason, *figures in rows} == expected


def test_how_many_of_each_cohort_came_back(demo_home, answers):
    rows = ask(
        demo_home,
        "select cohort_month, months_since, cohort_size, retained, revenue from marts.rpt_customer_retention "
        "where retained is not null",
    )
    expected = {
        (start_of(cohort), since): (a["cohort_size"], month["retained"], Decimal(month["revenue"]))
        for cohort, a in answers["customer_retention"].items()
        for since, month in enumerate(a["months"])
    }
    assert {(cohort, since): tuple(figures) for cohort, since, *figures in rows} == expected


@pytest.mark.parametrize("grain", PERIODS)
def test_loyalty(demo_home, answers, grain):
    counts = ("buyers", "repeat_buyers", "promoters", "passives", "detractors")
    found = dict(
        records(demo_home, ("period_start", *counts), f"marts.rpt_customer_loyalty where period_grain = '{grain}'")
    )
    assert found == by_period(answers["customer_loyalty"][grain], counts)
    rows = ask(
        demo_home,
        "select period_start, nps, nps_margin, repeat_purchase_rate, purchase_frequency, recommendation_rate "
        f"from marts.rpt_customer_loyalty where period_grain = '{grain}'",
    )
    for start, *figures in rows:
        (a,) = (a for period, a in answers["customer_loyalty"][grain].items() if start_of(period) == start)
        said = a["promoters"] + a["passives"] + a["detractors"]
        expected = [
            a["nps"] and float(a["nps"]),
            a["nps_margin"] and float(a["nps_margin"]),
            a["repeat_buyers"] / a["buyers"] if a["buyers"] else None,
            a["orders"] / a["buyers"] if a["buyers"] else None,
            a["promoters"] / said if said else None,
        ]
        assert figures == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("grain", PERIODS)
def test_what_became_of_the_revenue_of_contracts(demo_home, answers, grain):
    amounts = ("starting_revenue", "contraction", "churned", "expansion", "new_revenue", "closing_revenue")
    source = f"marts.rpt_revenue_retention where period_grain = '{grain}'"
    found = dict(records(demo_home, ("period_start", *amounts), source))
    assert found == by_period(answers["revenue_retention"][grain], amounts)
    rates = {start: (grr, nrr) for start, grr, nrr in ask(demo_home, f"select period_start, grr, nrr from {source}")}
    for period, a in answers["revenue_retention"][grain].items():
        expected = [a[name] and float(a[name]) for name in ("grr", "nrr")]
        assert list(rates[start_of(period)]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("grain", PERIODS)
def test_silent_customers(demo_home, answers, grain):
    columns = ("silent_at_start", "treated", "treated_reactivated", "holdout", "holdout_reactivated", "is_mature")
    source = f"marts.rpt_silent_customers where period_grain = '{grain}'"
    found = dict(records(demo_home, ("period_start", *columns), source))
    assert found == by_period(answers["silent_customers"][grain], columns)
    uplifts = dict(ask(demo_home, f"select period_start, uplift from {source}"))
    for period, a in answers["silent_customers"][grain].items():
        assert uplifts[start_of(period)] == pytest.approx(a["uplift"] and float(a["uplift"]), abs=1e-6)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("core.dim_customer", column) for column in ("country || province", "gender", "tags", "campaign_id")),
        *(("core.fct_customer_classes", column) for column in ("age_band", "gender", "region", "tag")),
        ("core.fct_orders", "country || province"),
        ("marts.rpt_customer_360", "tags"),
    ],
)
def test_no_group_of_fewer_than_five_persons_is_shown(demo_home, table, column):
    persons = "select customer_number from core.dim_customer where is_current and account_type = 'person'"
    groups = ask(
        demo_home,
        f"select {column}, count(distinct customer_number) from {table} "
        f"where customer_number in ({persons}) group by 1",
    )
    assert len(groups) > 1
    assert [group for group in groups if group[1] < 5] == []
