"""The accounts of Alder & Finch, some of which are the same customer."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from pipelines.demo.calendar import FIRST_DAY, LAST_DAY, business_instants
from pipelines.demo.catalogue import LEAD_CHANNELS
from pipelines.demo.model import Account

TEST_ACCOUNTS = (5, 17, 29)
DELETED_ACCOUNTS = (11, 23)
US_BUYERS = (2, 3)
_SAME_EVERY = 25
_FICTITIOUS_PHONES = 1000
_REGIONS = {
    "DE": (("Berlin", "Berlin"), ("Bayern", "München"), ("Hamburg", "Hamburg"), ("Sachsen", "Leipzig")),
    "FR": (("Île-de-France", "Paris"), ("Bretagne", "Rennes"), ("Occitanie", "Toulouse")),
    "NL": (("Noord-Holland", "Amsterdam"), ("Utrecht", "Utrecht")),
    "AT": (("Wien", "Wien"), ("Tirol", "Innsbruck")),
    "ES": (("Cataluña", "Barcelona"), ("Madrid", "Madrid")),
    "US": (("Colorado", "Denver"), ("Oregon", "Portland")),
}
_COUNTRY_WEIGHTS = (44, 15, 11, 9, 8, 13)
_INDUSTRIES = ("retail", "tourism", "education", "public sector", "film, and other media")
_FIRST_ACCOUNT = date(2022, 3, 1)
# The first order needs a buyer of the United States, and the test orders a test account, however small the company.
_BEFORE_FIRST_ORDER = 8


def make_accounts(rng: Random, count: int) -> tuple[Account, ...]:
    """Return `count` accounts in the order of their creation.

    Every 25th is another account of an earlier customer: the same e-mail written differently, or the same tax number.
    The accounts 24 and 49 continue one another: 24 shares a tax number with an earlier one, 49 an e-mail with 24.
    """
    accounts: list[Account] = []
    before = business_instants(rng, _BEFORE_FIRST_ORDER, _FIRST_ACCOUNT, FIRST_DAY - timedelta(days=1))
    later = business_instants(rng, count - len(before), _FIRST_ACCOUNT, LAST_DAY)
    for index, created in enumerate(sorted([*before, *later])):
        account = _account(rng, index, created)
        if index % _SAME_EVERY == _SAME_EVERY - 1:
            account = _same_customer(rng, accounts, index // _SAME_EVERY, account)
        accounts.append(account)
    return tuple(accounts)


def _account(rng: Random, index: int, created: datetime) -> Account:
    number = index + 1
    organisation = index % 5 == 3
    country = "US" if index in US_BUYERS else rng.choices(list(_REGIONS), _COUNTRY_WEIGHTS)[0]
    province, city = rng.choice(_REGIONS[country])
    stem = "Organisation" if organisation else "Person"
    return Account(
        account_id=f"A{number:05}",
        name=f"{stem} {number:04}",
        account_type=stem.lower(),
        industry=rng.choice(_INDUSTRIES) if organisation else None,
        country=country,
        province=province,
        city=city,
        email=f"{stem.lower()}{number:04}@example.com",
        phone=f"+49 30 23125{number:03}" if number < _FICTITIOUS_PHONES else None,
        tax_id=f"{country}{100000000 + number}" if organisation else None,
        acquisition_channel=rng.choice(LEAD_CHANNELS),
        created_at=created,
        is_deleted=index in DELETED_ACCOUNTS,
        is_test=index in TEST_ACCOUNTS,
    )


def _same_customer(rng: Random, earlier: list[Account], turn: int, account: Account) -> Account:
    """Return `account` as one more account of an earlier customer; `turn` counts these accounts from 0."""
    by_tax_number = turn % 3 == 0
    kind = "organisation" if by_tax_number else "person"
    candidates = [a for a in earlier if a.account_type == kind and not (a.is_test or a.is_deleted)]
    if by_tax_number:
        candidates = [a for a in candidates if a.tax_id is not None]
    twin = earlier[_SAME_EVERY - 1] if turn == 1 else rng.choice(candidates)
    shared = replace(account, account_type=twin.account_type, industry=twin.industry, phone=None)
    if by_tax_number:
        return replace(shared, name=f"{twin.name}, purchasing", tax_id=twin.tax_id)
    email = f" {twin.email} " if turn % 2 else twin.email.upper()
    return replace(shared, name=twin.name, email=email, tax_id=None)
