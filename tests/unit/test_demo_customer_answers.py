"""The known answers about customers, on inputs small enough to work out by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from pipelines.demo.answers_churn import Churn, churns
from pipelines.demo.answers_classes import abc_classes, age_band, standings, value_tiers
from pipelines.demo.answers_loyalty import loyalty, promoter_score, revenue_retention
from pipelines.demo.answers_silent import silent_customers
from pipelines.demo.calendar import FIRST_DAY, LAST_DAY
from pipelines.demo.company import build_company
from pipelines.demo.customers import Population
from pipelines.demo.kept import state_of
from pipelines.demo.model import CampaignMember, Subscription
from pipelines.demo.money import Rates
from pipelines.demo.spoil import spoil

NEW_YEAR = date(2024, 1, 1)


def spending(*amounts: str) -> dict[str, Decimal]:
    return {f"c{n}": Decimal(amount) for n, amount in enumerate(amounts)}


def test_equal_customers_have_equal_scores_and_the_window_ends_with_the_day():
    day = date(2024, 12, 31)
    bought = {
        "outside": [(date(2024, 1, 1), Decimal(900))],
        "once": [(date(2024, 1, 2), Decimal(10))],
        "once too": [(date(2024, 6, 1), Decimal(20))],
        "last": [(day, Decimal(30))],
        "twice": [(date(2024, 6, 1), Decimal(20)), (date(2024, 6, 1), Decimal(20))],
        "often": [(date(2024, month, 1), Decimal(1)) for month in (5, 6, 7)],
        "not yet": [(date(2025, 1, 1), Decimal(10))],
    }
    found = standings(bought, day)
    assert {customer: standing.rfm_score for customer, standing in found.items()} == {
        # Of five customers: how many bought earlier, less often, and spent less.
        "outside": None,
        "once": "112",
        "once too": "213",
        "last": "514",
        "twice": "245",
        "often": "451",
    }
    assert found["outside"].frequency == 0
    assert found["outside"].recency_days == 365
    assert (found["twice"].rfm_segment, found["often"].rfm_segment, found["last"].rfm_segment) == (
        "at_risk",
        "loyal",
        "big_spenders",
    )


def test_whom_fewer_than_a_fifth_outspend_is_of_high_value():
    tiers = value_tiers(spending("100", "90", "90", "80", "70", "60", "50", "40", "30", "20", "0"))
    assert list(tiers.values()) == ["high"] * 3 + ["medium"] * 2 + ["low"] * 5 + ["none"]


def test_the_customer_who_crosses_the_line_belongs_to_a():
    assert list(abc_classes(spending("79", "19", "2")).values()) == ["A", "A", "C"]
    assert list(abc_classes(spending("50", "30", "10", "6", "4", "0", "-5")).values()) == list("AABBCCC")


def test_who_was_born_on_a_leap_day_has_a_birthday_in_every_year():
    born = date(2000, 2, 29)
    assert age_band(born, date(2025, 2, 27)) == "under 25"
    assert age_band(born, date(2025, 2, 28)) == "25-34"
    assert age_band(date(2000, 3, 1), date(2025, 2, 28)) == "under 25"
    assert age_band(None, NEW_YEAR) == "(unknown)"


# The window of an order on 1 January 2024 ends before 1 April, its 365 days end with the year.
@pytest.mark.parametrize(
    ("purchases", "contracts", "expected"),
    [
        ([NEW_YEAR], [], [Churn(date(2025, 1, 1), "no_purchase", NEW_YEAR)]),
        ([NEW_YEAR, date(2025, 1, 1)], [], []),
        ([NEW_YEAR, date(2025, 1, 2)], [], [Churn(date(2025, 1, 1), "no_purchase", NEW_YEAR)]),
        ([NEW_YEAR], [(NEW_YEAR, date(2024, 6, 1))], [Churn(date(2024, 6, 1), "contract_end", NEW_YEAR)]),
        ([NEW_YEAR], [(NEW_YEAR, date(2024, 4, 1))], [Churn(date(2025, 1, 1), "no_purchase", NEW_YEAR)]),
        ([NEW_YEAR], [(NEW_YEAR, date(2024, 4, 2))], [Churn(date(2024, 4, 2), "contract_end", NEW_YEAR)]),
        ([NEW_YEAR], [(date(2023, 1, 1), NEW_YEAR)], [Churn(date(2025, 1, 1), "no_purchase", NEW_YEAR)]),
        ([NEW_YEAR], [(date(2024, 6, 1), date(2024, 9, 1))], [Churn(date(2024, 9, 1), "contract_end", NEW_YEAR)]),
        ([NEW_YEAR], [(date(2024, 6, 1), date.max)], []),
        ([], [(date(2024, 6, 1), date(2024, 9, 1))], []),
        ([LAST_DAY - timedelta(days=365)], [], []),
    ],
)
def test_when_a_customer_leaves(purchases, contracts, expected):
    assert list(churns(purchases, contracts, LAST_DAY)) == expected


def test_a_customer_leaves_on_the_first_day_at_whose_end_it_is_churned():
    population = Population(spoil(build_company(7, 0.05)).good)
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    left = 0
    for customer, purchases in population.purchases.items():
        contracts = population.contracts.get(customer, [])
        states = [None, *(state_of(purchases, contracts, day) for day in days)]
        begun = [day for day, before, now in zip(days, states, states[1:], strict=False) if before != now == "churned"]
        assert [churn.churned_on for churn in churns(purchases, contracts, LAST_DAY)] == begun
        left += len(begun)
    assert left


def test_the_promoter_score_and_its_margin():
    assert promoter_score(3, 1, 4) == ("50.000000", "84.870490")  # 196 * sqrt((1 - 1/4) / 4)
    assert promoter_score(2, 0, 2) == ("100.000000", "0.000000")
    assert promoter_score(0, 0, 0) == (None, None)


def test_the_latest_answer_of_a_period_counts_and_two_orders_of_a_day_are_one():
    def answer(day: int, score: int) -> SimpleNamespace:
        return SimpleNamespace(survey_kind="nps", responded_at=datetime(2024, 2, day), score=Decimal(score))

    def sales(*days: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(day=date(2024, 2, day)) for day in days]

    events = SimpleNamespace(
        sales={"a": sales(3, 3), "b": sales(3, 4)}, answers={"a": [answer(1, 10), answer(2, 0)], "b": [answer(5, 7)]}
    )
    found = loyalty(events)["month"]["2024-02"]
    names = ("buyers", "repeat_buyers", "orders", "promoters", "passives", "detractors")
    assert [found[name] for name in names] == [2, 1, 4, 0, 1, 1]


def contract(starts: date, ends: date | None, amount: str) -> Subscription:
    return Subscription("", "", starts, ends, None, None, Decimal(amount), "EUR")


def test_what_becomes_of_the_revenue_of_contracts():
    january, leap_day = date(2024, 1, 31), date(2024, 2, 29)
    events = SimpleNamespace(
        contracts={
            "grows": [contract(NEW_YEAR, january, "100"), contract(date(2024, 2, 1), None, "120")],
            "shrinks": [contract(NEW_YEAR, None, "60"), contract(NEW_YEAR, date(2024, 2, 28), "40")],
            "leaves": [contract(NEW_YEAR, date(2024, 2, 28), "50")],
            "stays": [contract(NEW_YEAR, leap_day, "30")],
            "comes": [contract(leap_day, None, "70")],
        }
    )
    found = revenue_retention(events, Rates(()))["month"]["2024-02"]
    assert found == {
        "starting_revenue": "280.00",
        "contraction": "40.00",
        "churned": "50.00",
        "expansion": "20.00",
        "new_revenue": "70.00",
        "closing_revenue": "280.00",
        "grr": "0.678571",  # 190 / 280
        "nrr": "0.750000",  # 210 / 280
    }


def test_silent_customers_who_were_treated_and_those_left_alone():
    noon = datetime(2024, 6, 10, 12, tzinfo=UTC)

    def member(invited: datetime | None, bounced: datetime | None = None) -> CampaignMember:
        return CampaignMember("", "c", "", None, invited is None, invited, bounced_at=bounced)

    events = SimpleNamespace(
        population=SimpleNamespace(
            purchases={
                "comes back": [NEW_YEAR, date(2024, 7, 10)],
                "too late": [NEW_YEAR, date(2024, 7, 11)],
                "same day": [NEW_YEAR, date(2024, 6, 10)],
                "bounced": [NEW_YEAR, date(2024, 6, 12)],
                "held out": [NEW_YEAR, date(2024, 6, 12)],
                "both": [NEW_YEAR, date(2024, 6, 12)],
                "active": [date(2024, 5, 1)],
            },
            contracts={},
        ),
        campaign_starts={"c": date(2024, 6, 1)},
        members={
            "comes back": [member(noon)],
            "too late": [member(noon), member(noon + timedelta(days=5))],
            "same day": [member(noon)],
            "bounced": [member(noon, noon)],
            "held out": [member(None)],
            "both": [member(None), member(noon)],
            "active": [member(noon)],
        },
    )
    assert silent_customers(events)["month"]["2024-06"] == {
        "silent_at_start": 6,
        "treated": 4,
        "treated_reactivated": 2,
        "holdout": 1,
        "holdout_reactivated": 1,
        "uplift": "-0.500000",
        "is_mature": True,
    }
