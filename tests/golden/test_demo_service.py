"""The demo company's marts about service against the answers that were worked out from the generated rows alone."""

import json

import pytest

from pipelines.feedback.words import load_words
from tests.support import ask, by_period, differences

pytestmark = pytest.mark.xdist_group("demo")

REQUEST = "kind || '|' || category || '|' || priority || '|' || channel"
RATES = ("resolution_rate", "reopen_rate", "one_touch_rate", "fcr")
DURATIONS = {
    f"{share}_{mart}_{clock}minutes": f"{share}_{answer}_{clock}minutes"
    for share in ("median", "p90")
    for mart, answer in (("first_reply", "reply"), ("resolution", "resolution"))
    for clock in ("", "business_")
}


@pytest.fixture(scope="module")
def answers(demo_home) -> dict:
    return json.loads((demo_home.parent / "demo" / "known_answers.json").read_text(encoding="utf-8"))


def cells(grains: dict, figures) -> dict[tuple, tuple]:
    return {
        (grain, key, member): figures(answer)
        for grain, keys in grains.items()
        for key, members in keys.items()
        for member, answer in members.items()
    }


def parts(rate: str) -> tuple[str, str]:
    return f"{rate}_numerator", f"{rate}_denominator"


def test_the_backlog_of_every_period(demo_home, answers):
    names = ("opening", "created", "reopened", "solved", "removed", "closing", "oldest_days")
    found = by_period(
        demo_home,
        "rpt_service_backlog",
        "1",
        (*names, "unsolved_over_1_day", "unsolved_over_7_days", "unsolved_over_30_days"),
    )
    expected = {
        (grain, key, 1): (*(answer[name] for name in names), *(answer[f"over_{days}"] for days in (1, 7, 30)))
        for grain, keys in answers["service_backlog"].items()
        for key, answer in keys.items()
    }
    assert not differences(found, {cell: expected[cell] for cell in found})[:5]
    assert all(not any(figures[:6]) for cell, figures in expected.items() if cell not in found)


def test_tickets_that_came_were_solved_and_came_back(demo_home, answers):
    figures = ("created", "solved", "reopened", "unanswered", *(part for rate in RATES for part in parts(rate)))
    found = by_period(demo_home, "rpt_service_requests", REQUEST, figures, "created + solved + reopened > 0")
    expected = cells(
        answers["service_requests"], lambda a: (*(a[name] for name in figures[:4]), *(n for r in RATES for n in a[r]))
    )
    assert not differences(found, expected)[:5]


def test_how_long_answers_and_resolutions_took(demo_home, answers):
    found = by_period(demo_home, "rpt_service_requests", REQUEST, tuple(DURATIONS), "created + solved + reopened > 0")
    expected = cells(answers["service_requests"], lambda a: tuple(a[name] for name in DURATIONS.values()))
    assert not differences(found, expected)[:5]


def test_how_soon_tickets_are_answered_by_when_they_come(demo_home, answers):
    found = by_period(
        demo_home,
        "rpt_service_response_time",
        "weekday || '|' || hour_of_day",
        ("tickets", "mean_first_reply_minutes", "mean_first_reply_business_minutes"),
    )
    expected = cells(answers["service_response_times"], lambda a: (a["tickets"], a["mean"], a["business_mean"]))
    assert not differences(found, expected)[:5]


def test_promises_that_were_due(demo_home, answers):
    found = by_period(
        demo_home,
        "rpt_service_sla",
        "policy || '|' || metric || '|' || priority",
        ("due", "achieved", "breached"),
        "due > 0",
    )
    expected = cells(answers["service_sla"], lambda a: (a["due"], a["achieved"], a["due"] - a["achieved"]))
    assert not differences(found, expected)[:5]
    assert sum(figures[2] for figures in expected.values()) > 0


def test_what_each_agent_did(demo_home, answers):
    found = by_period(
        demo_home,
        "rpt_service_agents",
        "agent",
        ("tickets", "solved", *parts("reopen_rate"), *parts("csat"), "handle_minutes", "median_first_reply_minutes"),
        "tickets + solved + csat_denominator > 0",
    )
    expected = cells(
        answers["service_agents"],
        lambda a: (
            *(a["tickets"], a["solved"], *a["reopen_rate"], *a["csat"]),
            *(a["handle_minutes"], a["median_reply_minutes"]),
        ),
    )
    assert not differences(found, expected)[:5]


def test_what_service_cost(demo_home, answers):
    found = by_period(demo_home, "rpt_service_cost", "team || '|' || category", ("cost",), "cost > 0")
    assert not differences(found, cells(answers["service_costs"], lambda a: (a["cost"],)))[:5]


def test_what_became_of_complaints(demo_home, answers):
    found = by_period(
        demo_home,
        "rpt_complaints",
        "category",
        ("received", "resolved", "unsolved", *parts("resolved_in_time"), "median_days"),
        "received > 0",
    )
    expected = cells(
        answers["complaints"],
        lambda a: (a["received"], a["resolved"], a["unsolved"], a["in_time"], a["judged"], a["median_days"]),
    )
    assert not differences(found, expected)[:5]


# every saying of the demo is read as it is meant (tests/unit/test_feedback.py), so the figures have to be exact
def test_what_customers_wrote(demo_home, answers):
    found = by_period(
        demo_home, "rpt_customer_feedback", "topic || '|' || sentiment", ("comments", *parts("share")), "comments > 0"
    )
    expected = {
        (grain, key, member): (comments, comments, answers["feedback"]["comments"][grain][key])
        for grain, keys in answers["feedback"]["by_topic"].items()
        for key, members in keys.items()
        for member, comments in members.items()
    }
    assert not differences(found, expected)[:5]


def test_examples_of_feedback_are_words_of_the_lists(demo_home):
    rows = ask(demo_home, "select distinct topic, example from marts.rpt_customer_feedback where example is not null")
    lists = load_words().topics
    assert {topic for topic, _ in rows} == set(lists)
    for topic, example in rows:
        assert set(example.split(", ")) <= {word for words in lists[topic].values() for word in words}
