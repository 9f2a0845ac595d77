"""Erasing a person changes nobody's customer number, and leaves no value of the person."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipelines.demo.answers_classes import age_band
from pipelines.identity.exact import Account
from pipelines.privacy.find import Person
from pipelines.privacy.persons import Eraser, keys_of
from pipelines.privacy.secret import Secret
from pipelines.privacy.values import precision_of, token
from tests.support import numbered

SECRET = Secret(b"a key that is long enough")
DIRECT = ["name", "email", "phone", "tax_id"]
EMAILS = st.sampled_from([None, "", "ada@example.com", " ADA@example.com ", "bo@example.com", "no address"])
PHONES = st.sampled_from([None, "+49 30 1234567", "0049301234567", "+49301234567", "12", "none"])
TAX_IDS = st.sampled_from([None, "DE 123456789", "de123456789", "FR99", "FR999"])
NAMES = st.sampled_from([None, "Ada L.", "ada  l.", "Bo", "Cy"])


def account(number: int, email, phone, tax_id, name) -> Account:
    return Account("shop", f"a{number}", email, phone, tax_id, name, (datetime(2025, 1, 1, tzinfo=UTC), number))


ACCOUNTS = st.lists(st.tuples(EMAILS, PHONES, TAX_IDS, NAMES), min_size=1, max_size=14).map(
    lambda rows: [account(number, *row) for number, row in enumerate(rows)]
)


def row_of(one: Account) -> dict:
    return {"account_id": one.account_id, **{column: getattr(one, column) for column in DIRECT}}


def erased(accounts: list[Account], persons: set[str]) -> list[Account]:
    """The accounts after those in `persons` were erased."""
    person = Person()
    person.members["account"] = {("shop", one) for one in persons}
    person.keys = {key for one in accounts if one.account_id in persons for key in keys_of(row_of(one))}
    hashed = person.hashed(SECRET, date(2025, 1, 1), date(2025, 1, 2))
    eraser = Eraser(hashed, SECRET, "shop", "account", "account_id", DIRECT)
    return [replace(one, **eraser.row(row_of(one))) for one in accounts]


@given(ACCOUNTS, st.data(), st.integers(2, 4))
def test_erasing_neither_splits_nor_merges_customers(accounts, data, most):
    persons = data.draw(st.sets(st.sampled_from([one.account_id for one in accounts])))
    assert numbered(erased(accounts, persons), most) == numbered(accounts, most)


@given(ACCOUNTS, st.data())
def test_nothing_is_left_of_who_was_erased_and_nothing_is_erased_of_others(accounts, data):
    persons = data.draw(st.sets(st.sampled_from([one.account_id for one in accounts]), min_size=1))
    keys = {key for one in accounts if one.account_id in persons for key in keys_of(row_of(one))}
    for before, after in zip(accounts, erased(accounts, persons), strict=True):
        for column in DIRECT:
            value = getattr(before, column)
            if before.account_id in persons:
                assert getattr(after, column) != value or not (value or "").strip()
            elif not keys & set(keys_of(row_of(before))):
                assert getattr(after, column) == value


@given(ACCOUNTS, st.data())
def test_erasing_again_changes_nothing(accounts, data):
    persons = data.draw(st.sets(st.sampled_from([one.account_id for one in accounts])))
    once = erased(accounts, persons)
    assert erased(once, persons) == once


@given(
    st.dates(date(1930, 1, 1), date(2010, 12, 31)), st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(0, 900)
)
def test_a_date_of_birth_becomes_as_coarse_as_the_age_groups_allow(born, first_day, days):
    last_day = date.fromordinal(first_day.toordinal() + days)
    precision = precision_of(born.isoformat(), first_day, last_day)
    coarse = date.fromisoformat(token(SECRET, "birth_date", born.isoformat(), precision))
    for ordinal in range(first_day.toordinal(), last_day.toordinal() + 1):
        day = date.fromordinal(ordinal)
        assert age_band(coarse, day) == age_band(born, day)
    assert coarse.year == born.year
    assert precision != "year" or (coarse.month, coarse.day) == (1, 1)
