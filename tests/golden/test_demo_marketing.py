"""The demo company's marts about marketing against the answers that were worked out from the generated rows alone."""

import json
from decimal import Decimal

import pytest

from tests.support import PERIOD, ask, by_period, differences

pytestmark = pytest.mark.xdist_group("demo")

AUDIENCE = ("invited", "delivered", "opened", "responded", "attended", "held_out")
BROUGHT = ("leads", "won", "orders", "customers", "cost", "revenue", "gross_profit")


@pytest.fixture(scope="module")
def answers(demo_home) -> dict:
    return json.loads((demo_home.parent / "demo" / "known_answers.json").read_text(encoding="utf-8"))


def test_whom_every_campaign_reached_and_what_it_brought(demo_home, answers):
    rows = ask(demo_home, f"select campaign, {', '.join((*AUDIENCE, *BROUGHT))} from marts.rpt_campaigns")
    found = {name: tuple(f"{one:f}" if isinstance(one, Decimal) else one for one in figures) for name, *figures in rows}
    assert found == {name: tuple(a[f] for f in (*AUDIENCE, *BROUGHT)) for name, a in answers["campaigns"].items()}
    for step in AUDIENCE:
        assert sum(a[step] for a in answers["campaigns"].values()) > 0, step


def test_the_return_of_every_campaign(demo_home, answers):
    found = dict(ask(demo_home, "select campaign, (roas, roi, profit_roi, cac) from marts.rpt_campaigns"))
    for name, a in answers["campaigns"].items():
        cost, revenue, profit = (Decimal(a[figure]) for figure in ("cost", "revenue", "gross_profit"))
        expected = (revenue / cost, (revenue - cost) / cost, (profit - cost) / cost)
        assert found[name][:3] == pytest.approx(tuple(map(float, expected)), rel=1e-9), name
        assert found[name][3] == (pytest.approx(float(cost / a["customers"])) if a["customers"] else None), name


def test_what_campaigns_cost_and_brought_in_every_period(demo_home, answers):
    figures = ("cost", "impressions", "clicks", "leads", "won", "revenue")
    happened = "cost <> 0 or impressions + clicks + leads + won > 0 or revenue <> 0"
    found = by_period(demo_home, "rpt_campaign_trend", "campaign", figures, happened)
    expected = {
        (grain, key, name): tuple(a[figure] for figure in figures)
        for grain, keys in answers["campaign_trend"].items()
        for key, names in keys.items()
        for name, a in names.items()
    }
    assert not differences(found, expected)[:5]


def test_what_every_rule_credits(demo_home, answers):
    rows = ask(
        demo_home,
        f"""select period_grain, {PERIOD}, model || '|' || channel || '|' || campaign, conversions, revenue
        from marts.rpt_attribution where period_grain in ('month', 'quarter', 'year')
        and (model <> 'markov' or channel = '(unattributed)') and conversions <> 0""",
    )
    found = {(grain, key, member): (conversions, revenue) for grain, key, member, conversions, revenue in rows}
    expected = {
        (grain, key, member): (Decimal(a["conversions"]), Decimal(a["revenue"]), a["touches"])
        for grain, keys in answers["attribution"]["rules"].items()
        for key, members in keys.items()
        for member, a in members.items()
        # a share of less than half a millionth is none
        if Decimal(a["conversions"]) > Decimal("0.00001") * a["touches"]
    }
    assert expected.keys() <= found.keys()
    assert all(conversions < Decimal("0.0001") for cell, (conversions, _) in found.items() if cell not in expected)
    wrong = [
        (cell, found[cell], (conversions, revenue))
        for cell, (conversions, revenue, touches) in expected.items()
        if abs(found[cell][0] - conversions) > touches * Decimal("0.000001") + Decimal("0.000001")
        or abs(found[cell][1] - revenue) > touches * Decimal("0.01") + Decimal("0.000001")
    ]
    assert not wrong[:5]
    models = {member.split("|")[0] for _, _, member in expected}
    assert models == {"first", "last", "linear", "position", "time_decay", "markov"}


def test_what_the_chain_of_a_month_credits(demo_home, answers):
    found = dict(
        ask(
            demo_home,
            """select (strftime(period_start, '%Y-%m'), channel || '|' || campaign), conversions
            from marts.rpt_attribution where period_grain = 'month' and model = 'markov'
            and channel <> '(unattributed)' and conversions <> 0""",
        )
    )
    for month, places in answers["attribution"]["markov"].items():
        credited = {place: float(share) for (key, place), share in found.items() if key == month}
        expected = {place: float(share) for place, share in places.items() if float(share) > 0}
        assert credited == pytest.approx(expected, abs=1e-4), month
    assert max(len(places) for places in answers["attribution"]["markov"].values()) > 2


def test_every_model_credits_every_new_customer(demo_home):
    rows = ask(
        demo_home,
        """select model, sum(conversions), sum(revenue),
        (select sum(new_customers) from marts.rpt_sales_summary where period_grain = 'year') from marts.rpt_attribution
        where period_grain = 'year' group by model""",
    )
    assert len(rows) == 6
    assert len({(conversions, revenue) for _, conversions, revenue, _ in rows}) == 1
    assert rows[0][1] == rows[0][3]


def test_competitors_of_every_period(demo_home, answers):
    figures = ("won_against", "lost_to", "observations", "latest_price", "cast(latest_price_on as varchar)")
    found = by_period(demo_home, "rpt_competitors", "competitor", figures, "encounters + observations > 0")
    expected = {
        (grain, key, name): (a["won"], a["lost"], a["seen"], a["price"], a["price_on"])
        for grain, keys in answers["competitors"].items()
        for key, names in keys.items()
        for name, a in names.items()
    }
    assert found == expected
    assert {name for _, _, name in expected} >= {"(unknown)", "Northpeak", "Fjord & Fell"}


def test_markets_and_our_share_of_them(demo_home, answers):
    rows = ask(
        demo_home,
        """select concat_ws('|', period_grain, s.period_start, country, province, segment, unit),
        s.market_size, s.publisher, s.our_sales, t.market_size_previous, t.our_sales_previous, s.market_share
        from marts.rpt_market_share as s
        inner join marts.rpt_market_trend as t using (period_grain, period_start, country, province, segment, unit)""",
    )
    figures = ("size", "publisher", "ours", "size_before", "ours_before")
    found = {name: tuple(None if one is None else str(one) for one in row[:5]) for name, *row in rows}
    expected = {name: tuple(a[figure] for figure in figures) for name, a in answers["markets"].items()}
    assert found == expected
    shares = {row[0]: row[6] for row in rows}
    for name, (size, _, ours, *_) in expected.items():
        assert shares[name] == (pytest.approx(float(Decimal(ours) / Decimal(size))) if ours else None)
    assert {a["ours"] is None for a in answers["markets"].values()} == {True, False}
