"""Customer numbers: who is the same customer, and that a number once given stays."""

from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.exact import Account, AccountId, customer_numbers, match_keys
from tests.support import numbered

START = datetime(2025, 1, 1)
NO_LIMIT = 1000


def account(account_id: str, day: int = 0, source: str = "crm", **known: str | None) -> Account:
    """An account first landed on `day`, of which nothing is known but `known`."""
    unknown = {"email": None, "phone": None, "tax_id": None, "name": None}
    return Account(source, account_id, **{**unknown, **known}, first_seen=(START + timedelta(days=day), 1))


def same(*accounts: Account, limit: int = NO_LIMIT) -> bool:
    return len(set(numbered(accounts, limit).values())) == 1


def own_number(one: Account) -> str:
    """The number of the account if it were the only one."""
    return numbered([one], NO_LIMIT)[one.id]


class TestWhoIsTheSame:
    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ({"email": "ada@example.com"}, {"email": "ada@example.com"}),
            ({"email": "Ada@Example.COM"}, {"email": " ada@example.com "}),
            ({"email": "ａｄａ＠example.com"}, {"email": "ada@example.com"}),
            ({"tax_id": "DE 123.456-789"}, {"tax_id": "de123456789"}),
            ({"phone": "+49 (30) 123-4567", "name": "Ada  Lovelace"}, {"phone": "49301234567", "name": "ada lovelace"}),
            ({"phone": "０３０１２３４５６７", "name": "王伟"}, {"phone": "0301234567", "name": " 王伟 "}),
        ],
    )
    def test_case_width_space_and_punctuation_do_not_matter(self, left: dict, right: dict):
        assert same(account("a1", **left), account("a2", **right))

    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ({}, {}),
            ({"name": "Ada"}, {"name": "Ada"}),
            ({"email": "ada@example.com"}, {"email": "bo@example.com"}),
            ({"email": "none"}, {"email": "none"}),
            ({"email": "n/a@"}, {"email": "n/a@"}),
            ({"email": ""}, {"email": ""}),
            ({"tax_id": "0-0"}, {"tax_id": "00"}),
            # families share phones
            ({"phone": "0301234567", "name": "Ada"}, {"phone": "0301234567", "name": "Bo"}),
            ({"phone": "0301234567"}, {"phone": "0301234567"}),
            ({"phone": "112", "name": "Ada"}, {"phone": "112", "name": "Ada"}),
            # the same text in another column is another key
            ({"email": "ada@example.com"}, {"tax_id": "ada@example.com"}),
        ],
    )
    def test_what_does_not_identify_joins_nobody(self, left: dict, right: dict):
        assert not same(account("a1", **left), account("a2", **right))

    def test_accounts_of_two_sources_can_be_one_customer(self):
        assert same(account("7", source="crm", email="a@b.de"), account("7", source="shop", email="a@b.de"))
        assert not same(account("7", source="crm"), account("7", source="shop"))

    def test_accounts_are_joined_through_others_however_long_the_chain(self):
        chain = [account(f"a{i}", email=f"m{i}@x.de", tax_id=f"tax{(i + 1) // 2:05d}") for i in range(0, 9)]
        links = [account(f"b{i}", email=f"m{i}@x.de", tax_id=f"tax{(i + 2) // 2:05d}") for i in range(0, 9)]
        assert not same(chain[0], chain[8])
        assert same(*chain, *links)

    def test_a_key_that_too_many_share_identifies_nobody(self):
        crowd = [account(f"a{i}", email="info@example.com") for i in range(4)]
        assert same(*crowd, limit=4)
        assert len(set(numbered(crowd, 3).values())) == 4

    def test_accounts_that_share_such_a_key_are_still_joined_by_another(self):
        crowd = [account(f"a{i}", email="info@example.com", tax_id=f"{i % 2}12345") for i in range(4)]
        numbers = numbered(crowd, 2)
        assert numbers["crm", "a0"] == numbers["crm", "a2"] != numbers["crm", "a1"] == numbers["crm", "a3"]


class TestNumbers:
    def test_a_number_is_that_of_the_account_that_was_landed_first(self):
        late, early = account("a1", day=9, email="a@b.de"), account("z9", day=1, source="shop", email="a@b.de")
        assert numbered([late, early], NO_LIMIT) == dict.fromkeys([late.id, early.id], own_number(early))

    def test_of_accounts_landed_together_the_first_by_batch_then_by_name_counts(self):
        first, second = account("a1", email="a@b.de"), account("a2", email="a@b.de")
        assert set(numbered([second, first], NO_LIMIT).values()) == {own_number(first)}
        moment = START + timedelta(days=1)
        later_batch = Account("crm", "a1", "c@d.de", None, None, None, (moment, 2))
        earlier_batch = Account("crm", "a2", "c@d.de", None, None, None, (moment, 1))
        numbers = numbered([later_batch, earlier_batch], NO_LIMIT)
        assert set(numbers.values()) == {own_number(earlier_batch)}

    def test_where_source_and_id_meet_matters(self):
        assert own_number(account("bc", source="a")) != own_number(account("c", source="ab"))
        assert own_number(account("1", source="crm1")) != own_number(account("11", source="crm"))

    def test_a_number_names_nobody(self):
        number = own_number(account("ada@example.com", email="ada@example.com"))
        assert number.startswith("C")
        assert len(number) == 17
        assert set(number[1:]) <= set("0123456789ABCDEF")

    def test_nobody_has_no_number(self):
        assert numbered([], NO_LIMIT) == {}

    @pytest.mark.parametrize("days", [(1, 0), (0, 0)])
    def test_accounts_in_another_order_are_refused(self, days: tuple[int, int]):
        with pytest.raises(ValueError, match="comes after one that was landed later, or twice"):
            customer_numbers([account("a1", day) for day in days], NO_LIMIT)


def some(values: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *values])


KNOWN = st.fixed_dictionaries(
    {
        "email": some("abcdef").map(lambda letter: letter and f"{letter}@example.com"),
        "tax_id": some("1234").map(lambda digit: digit and digit * 9),
        "phone": some("67").map(lambda digit: digit and digit * 9),
        "name": some("XY"),
        "day": st.integers(0, 3),
        "source": st.sampled_from(["crm", "shop"]),
    }
)
ACCOUNTS = st.lists(KNOWN, max_size=10).map(
    lambda all_known: [account(f"a{i}", **known) for i, known in enumerate(all_known)]
)


def groups_by_definition(accounts: list[Account], limit: int) -> list[set[AccountId]]:
    """Merge whatever shares a usable key until nothing does any more."""
    keys = {one.id: set(match_keys(one)) for one in accounts}
    count = {key: sum(key in held for held in keys.values()) for held in keys.values() for key in held}
    usable = {one: {key for key in held if count[key] <= limit} for one, held in keys.items()}
    groups = [{one} for one in usable]
    while True:
        touching = [
            (left, right)
            for left, right in combinations(groups, 2)
            if set().union(*(usable[i] for i in left)) & set().union(*(usable[i] for i in right))
        ]
        if not touching:
            return groups
        left, right = touching[0]
        groups = [group for group in groups if group not in (left, right)] + [left | right]


class TestLaws:
    @settings(max_examples=150, deadline=None)
    @given(accounts=ACCOUNTS, limit=st.integers(2, 5))
    def test_customers_are_the_accounts_that_keys_connect_numbered_by_their_first(
        self, accounts: list[Account], limit: int
    ):
        by_id = {one.id: one for one in accounts}
        expected = {}
        for group in groups_by_definition(accounts, limit):
            first = min((by_id[i] for i in group), key=lambda one: (one.first_seen, one.id))
            expected |= dict.fromkeys(group, own_number(first))
        assert numbered(accounts, limit) == expected

    @settings(max_examples=100, deadline=None)
    @given(data=st.data(), accounts=ACCOUNTS, limit=st.integers(2, 5))
    def test_the_order_in_which_accounts_are_read_does_not_matter(
        self, data: st.DataObject, accounts: list[Account], limit: int
    ):
        shuffled = data.draw(st.permutations(accounts))
        assert numbered(shuffled, limit) == numbered(accounts, limit)

    @settings(max_examples=150, deadline=None)
    @given(old=ACCOUNTS, new=ACCOUNTS)
    def test_accounts_that_are_landed_later_change_no_number_but_by_joining_two_customers(
        self, old: list[Account], new: list[Account]
    ):
        later = [account(f"b{i}", 10, one.source, email=one.email, tax_id=one.tax_id) for i, one in enumerate(new)]
        before, after = numbered(old, NO_LIMIT), numbered([*old, *later], NO_LIMIT)
        for number in {after[one.id] for one in old}:
            joined = {before[one.id] for one in old if after[one.id] == number}
            assert number in joined
        for number in set(before.values()):
            assert len({after[one] for one, its_number in before.items() if its_number == number}) == 1
