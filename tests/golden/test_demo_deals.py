"""The demo company's marts about deals against the answers that were worked out from the generated rows alone."""

import json
from decimal import Decimal

import pytest

from tests.support import ask, by_period, differences

pytestmark = pytest.mark.xdist_group("demo")

MOVES = (
    "opening_amount",
    "created",
    "increased",
    "decreased",
    "pushed_out",
    "pulled_in",
    "won",
    "lost",
    "closing_amount",
)


@pytest.fixture(scope="module")
def answers(demo_home) -> dict:
    return json.loads((demo_home.parent / "demo" / "known_answers.json").read_text(encoding="utf-8"))


def test_the_pipeline_at_every_period_end(demo_home, answers):
    found = by_period(
        demo_home,
        "rpt_pipeline",
        "pipeline || '|' || stage || '|' || channel",
        ("open_opportunities", "open_amount", "weighted_amount", "overdue_opportunities"),
        "open_opportunities > 0",
    )
    expected = {
        (grain, key, member): (a["open_opportunities"], a["open_amount"], a["weighted_amount"], a["overdue"])
        for grain, periods in answers["pipeline"].items()
        for key, members in periods.items()
        for member, a in members.items()
    }
    assert not differences(found, expected)[:5]


def test_how_the_pipeline_moved_in_every_period(demo_home, answers):
    found = by_period(demo_home, "rpt_pipeline_movement", "pipeline", (*MOVES, "later_amount"))
    expected = {
        (grain, key, name): tuple(a[move] for move in (*MOVES, "later_amount"))
        for grain, periods in answers["pipeline_movement"].items()
        for key, names in periods.items()
        for name, a in names.items()
    }
    nothing = ("0.00",) * (len(MOVES) + 1)
    assert {cell: figures for cell, figures in found.items() if figures != nothing} == {
        cell: figures for cell, figures in expected.items() if figures != nothing
    }


def test_win_rates_of_what_was_closed(demo_home, answers):
    counts = by_period(
        demo_home,
        "rpt_win_rate",
        "1",
        ("won", "lost", "narrow_win_rate_denominator - won"),
        "basis = 'period' and measure = 'count' and won + lost > 0",
    )
    amounts = by_period(
        demo_home,
        "rpt_win_rate",
        "1",
        ("won", "lost", "without_amount"),
        "basis = 'period' and measure = 'amount' and won + lost + without_amount <> 0",
    )
    answered = {(g, k, 1): a for g, keys in answers["win_rates"]["period"].items() for k, a in keys.items()}
    assert {cell: tuple(int(Decimal(f)) for f in figures) for cell, figures in counts.items()} == {
        cell: (a["won"], a["lost"], a["lost_narrow"]) for cell, a in answered.items()
    }
    assert amounts == {c: (a["won_amount"], a["lost_amount"], a["without_amount"]) for c, a in answered.items()}


def test_win_rates_of_what_was_begun(demo_home, answers):
    found = by_period(
        demo_home,
        "rpt_win_rate",
        "cast(age_days as varchar)",
        ("won", "lost", "open", "is_mature"),
        "basis = 'cohort' and measure = 'count' and won + lost + open > 0",
    )
    expected = {
        (grain, key, age): (a["won"], a["lost"], a["open"], key in answers["win_rates"]["mature"][age])
        for age, grains in answers["win_rates"]["cohort"].items()
        for grain, keys in grains.items()
        for key, a in keys.items()
    }
    assert {c: (*(int(Decimal(f)) for f in figures[:3]), figures[3]) for c, figures in found.items()} == expected
    shown = ask(
        demo_home,
        "select count(*) from marts.rpt_win_rate where not is_mature and win_rate is not null and basis = 'cohort'",
    )
    assert shown == [(0,)]


def test_how_long_it_took_to_win(demo_home, answers):
    found = by_period(
        demo_home, "rpt_sales_cycle", "pipeline", ("won", "median_days", "p90_days", "mean_days"), "won > 0"
    )
    expected = {
        (grain, key, name): (a["won"], a["median_days"], a["p90_days"], a["mean_days"])
        for name, grains in answers["sales_cycles"].items()
        for grain, keys in grains.items()
        for key, a in keys.items()
    }
    assert not differences(found, expected)[:5]


def test_why_deals_were_lost(demo_home, answers):
    found = by_period(
        demo_home, "rpt_lost_reasons", "lost_reason || '|' || competitor", ("lost", "lost_amount"), "lost > 0"
    )
    expected = {
        (grain, key, reason): (a["lost"], a["lost_amount"])
        for grain, keys in answers["lost_reasons"].items()
        for key, reasons in keys.items()
        for reason, a in reasons.items()
    }
    assert not differences(found, expected)[:5]


def test_the_funnel_of_every_period(demo_home, answers):
    figures = ("reached", "advanced", "lost", "still_open", "median_days", "p90_days")
    found = by_period(demo_home, "rpt_sales_funnel", "pipeline || '|' || stage", figures, "reached > 0")
    expected = {
        (grain, key, stage): tuple(a.get(figure) for figure in figures)
        for stage, grains in answers["funnel"].items()
        for grain, keys in grains.items()
        for key, a in keys.items()
    }
    assert not differences(found, expected)[:5]
