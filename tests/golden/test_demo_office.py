"""The demo company's marts about costs, projects, reports and health against the generator's answers."""

import json

import pytest

from tests.support import ask, by_period, differences, money, one

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def answers(demo_home) -> dict:
    return json.loads((demo_home.parent / "demo" / "known_answers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def names(demo_home) -> dict[str, str]:
    """Number of every customer -> the account that the answers name it after."""
    return dict(ask(demo_home, "select customer_number, account_id from core.dim_customer where is_current"))


def test_other_costs_of_every_period(demo_home, answers):
    found = by_period(demo_home, "rpt_finance", "1", ("other_cost",), "other_cost <> 0")
    expected = {
        (grain, key, 1): (amount,)
        for grain, keys in answers["other_costs"]["by_period"].items()
        for key, amount in keys.items()
    }
    assert not differences(found, expected)[:5]


def test_profit_is_what_the_answers_leave(demo_home, answers):
    found = by_period(demo_home, "rpt_finance", "1", ("profit + coalesce(service_cost, 0)",))
    for grain, keys in answers["sales"].items():
        for key, figures in keys.items():
            spent = sum(map(money, answers["campaign_costs"][grain].get(key, {}).values()), money(0))
            other = money(answers["other_costs"]["by_period"][grain].get(key, 0))
            left = money(figures["gross_profit"]) - spent - other
            assert found[grain, key, 1] == (f"{left:f}",), (grain, key)


def test_what_a_customer_cost_directly(demo_home, answers, names):
    rows = ask(
        demo_home, "select customer_number, other_cost from marts.rpt_customer_profitability where other_cost <> 0"
    )
    found = {names.get(number, number): f"{amount:.2f}" for number, amount in rows}
    assert found == {k: v for k, v in answers["other_costs"]["by_customer"].items() if money(v)}


def test_shared_costs_are_shared_without_rest(demo_home):
    for column in ("revenue", "cost_of_goods", "service_cost", "marketing_cost", "other_cost", "profit"):
        of_customers = one(demo_home, f"select coalesce(sum({column}), 0) from marts.rpt_customer_profitability")
        of_years = one(
            demo_home, f"select coalesce(sum({column}), 0) from marts.rpt_finance where period_grain = 'year'"
        )
        assert of_customers == of_years, column


def test_how_far_every_project_is(demo_home, answers):
    figures = ("budget_at_completion", "planned_value", "earned_value", "task_cost", "purchases")
    rows = ask(demo_home, f"select project, {', '.join(figures)}, is_late from marts.rpt_projects")
    found = {
        project: {**{n: f"{v:.2f}" for n, v in zip(figures, values, strict=True)}, "is_late": late}
        for project, *values, late in rows
    }
    assert found == answers["projects"]


def test_hours_booked_on_projects(demo_home, answers):
    found = by_period(
        demo_home, "rpt_project_resources", "project || '|' || user_id", ("booked_hours",), "booked_hours <> 0"
    )
    expected = {
        (grain, key, member): (hours,)
        for grain, keys in answers["booked_hours"].items()
        for key, members in keys.items()
        for member, hours in members.items()
    }
    assert not differences(found, expected)[:5]


def test_which_reports_led_to_decisions(demo_home, answers):
    figures = ("published", "viewed", "adopted_numerator", "decisions", "actions_done_denominator")
    found = by_period(
        demo_home, "rpt_report_adoption", "report", (*figures, "actions_done_numerator"), "published + decisions > 0"
    )
    expected = {
        (grain, key, report): tuple(cell.values())
        for grain, keys in answers["report_adoption"].items()
        for key, reports in keys.items()
        for report, cell in reports.items()
    }
    assert not differences(found, expected)[:5]


def test_how_customers_buy_now(demo_home, answers, names):
    rows = ask(
        demo_home, "select customer_number, recency_days, recent_orders, earlier_orders from marts.rpt_customer_health"
    )
    keys = ("recency_days", "recent_orders", "earlier_orders")
    assert {names[number]: dict(zip(keys, values, strict=True)) for number, *values in rows} == answers["buying_now"]


def test_every_table_of_the_demo_has_its_quality(demo_home, answers):
    rows = ask(demo_home, 'select "table", rows_read, rows_quarantined from marts.rpt_data_quality')
    quarantined = {entity: sum(c.values()) for entity, c in answers["quarantine"]["counts"].items()}
    assert {table: (read, bad) for table, read, bad in rows} == {
        entity: (read, quarantined.get(entity, 0)) for entity, read in answers["rows_read"].items()
    }
