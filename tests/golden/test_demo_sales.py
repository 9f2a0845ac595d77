"""The demo company's marts about sellers, contacts, returns, invoices and costs against the generator's answers."""

import json
from decimal import Decimal

import pytest

from tests.support import by_period, differences

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def answers(demo_home) -> dict:
    return json.loads((demo_home.parent / "demo" / "known_answers.json").read_text(encoding="utf-8"))


def cells(tree: dict, depth: int = 3) -> dict[tuple, dict]:
    """The leaves of nested answers by the keys on the way to them."""
    if depth == 0:
        return {(): tree}
    return {(key, *rest): leaf for key, branch in tree.items() for rest, leaf in cells(branch, depth - 1).items()}


def test_what_every_seller_and_team_brought(demo_home, answers):
    figures = (
        "revenue",
        "won",
        "won_amount",
        "activities",
        "customers",
        "target",
        "csat_denominator",
        "csat_numerator",
    )
    found = by_period(
        demo_home,
        "rpt_sales_team",
        "level, member",
        (*figures, "win_rate_denominator - won as lost"),
        "revenue <> 0 or won <> 0 or win_rate_denominator <> 0 or activities <> 0 or csat_denominator <> 0",
    )
    names = (
        "revenue",
        "won",
        "won_amount",
        "activities",
        "customers",
        "target",
        "csat_answers",
        "csat_satisfied",
        "lost",
    )
    expected = {
        (grain, key, level, member): tuple(a[name] for name in names)
        for (level, grain, key, member), a in cells(answers["sales_team"], 4).items()
    }
    assert not differences(found, expected)[:5]


def test_contacts_and_what_followed_them(demo_home, answers):
    figures = ("interactions", "customers", "emails_sent", "open_rate_numerator", "reply_rate_numerator", "meetings")
    followed = ("converted_within_window_numerator", "converted_within_window_denominator")
    found = by_period(demo_home, "rpt_interactions", "kind", (*figures, *followed), "interactions > 0")
    names = ("interactions", "customers", "emails_sent", "opened", "replied", "meetings", "followed", "could_be")
    expected = {
        (grain, key, kind): tuple(a[name] for name in names)
        for (kind, grain, key), a in cells(answers["interactions"]).items()
    }
    assert {cell: tuple(figure or 0 for figure in found_here) for cell, found_here in found.items()} == expected
    minutes = by_period(demo_home, "rpt_interactions", "kind", ("cast(call_minutes as double)",), "kind = 'call'")
    expected_minutes = {
        (grain, key, kind): (a["call_minutes"],)
        for (kind, grain, key), a in cells(answers["interactions"]).items()
        if kind == "call"
    }
    assert not differences({cell: minutes[cell] for cell in minutes if cell in expected_minutes}, expected_minutes)[:5]


def test_returns_by_the_day_they_came_back(demo_home, answers):
    found = by_period(demo_home, "rpt_sales_summary", "1", ("returns_amount",), "returns_amount <> 0")
    expected = {(grain, key, 1): (a,) for (grain, key), a in cells(answers["returns"]["by_return"], 2).items()}
    assert not differences(found, expected)[:5]


def test_returns_by_the_day_of_shipment(demo_home, answers):
    figures = ("shipped_units", "returned_units", "returned_amount", "main_reason")
    found = by_period(
        demo_home,
        "rpt_returns",
        "dimension || '|' || member",
        ("cast(shipped_units as varchar)", "cast(returned_units as varchar)", *figures[2:]),
        "shipped_units <> 0",
    )
    expected = {
        (grain, key, member): tuple(a[name] for name in figures)
        for (member, grain, key), a in cells(answers["returns"]["by_shipment"]).items()
    }
    assert not differences(found, expected)[:5]


def test_what_is_due_and_what_was_paid(demo_home, answers):
    figures = ("invoices", "due", "paid", "outstanding")
    found = by_period(demo_home, "rpt_receivables", "age_bucket", figures, "invoices > 0")
    expected = {
        (grain, key, bucket): tuple(a[name] for name in figures)
        for (grain, key, bucket), a in cells(answers["receivables"]).items()
    }
    assert not differences(found, expected)[:5]


def test_what_a_channel_cost_and_brought(demo_home, answers):
    found = by_period(demo_home, "rpt_sales_cost", "channel", ("cost",), "cost <> 0")
    expected = {place: (a,) for place, a in cells(answers["campaign_costs"]).items()}
    assert not differences(found, expected)[:5]
    sold = by_period(demo_home, "rpt_sales_cost", "channel", ("revenue",), "revenue <> 0 and period_grain <> 'quarter'")
    brought = cells(answers["revenue_by"]["channel"])
    assert sold == {place: (a["revenue"],) for place, a in brought.items() if Decimal(a["revenue"])}
