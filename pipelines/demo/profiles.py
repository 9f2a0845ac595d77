"""What is known of the accounts of Alder & Finch beyond their addresses, and whom to talk to there."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from pipelines.demo.calendar import happened, local_day
from pipelines.demo.customers import customers_of
from pipelines.demo.model import Account, Campaign, Contact
from pipelines.demo.teams import on_duty

_GENDERS = ("female", "male", "other", None)
_GENDER_WEIGHTS = (44, 42, 4, 10)
_TAGS = ("vip", "newsletter", "climbing", "family", "press")
_JOBS = ("Buyer", "Office manager", "Head of travel", None)
_LEAP_DAY = date(1992, 2, 29)


def with_profiles(rng: Random, accounts: tuple[Account, ...], campaigns: tuple[Campaign, ...]) -> tuple[Account, ...]:
    """Return the accounts with birth date, gender, tags, campaign and owner, each where it is known.

    Accounts of one customer agree about the person. The first person was born on a leap day.
    """
    customer = customers_of(accounts)
    persons: dict[str, tuple[date | None, str | None]] = {}
    found = []
    for account in accounts:
        born, gender = None, None
        if account.account_type == "person":
            born, gender = persons.setdefault(customer[account.account_id], _person(rng, first=not persons))
        found.append(_profile(rng, replace(account, birth_date=born, gender=gender), campaigns))
    return tuple(found)


def make_contacts(rng: Random, accounts: tuple[Account, ...]) -> tuple[Contact, ...]:
    """Return one or two contacts for every organisation, in the order of the accounts; every ninth wants no mail."""
    contacts: list[Contact] = []
    for account in accounts:
        if account.account_type != "organisation":
            continue
        for _ in range(rng.choice((1, 1, 2))):
            number = len(contacts) + 1
            known = account.created_at + timedelta(days=rng.randrange(60), minutes=rng.randrange(600))
            contacts.append(
                Contact(
                    contact_id=f"C{number:05}",
                    account_id=account.account_id,
                    name=f"Contact {number:05}",
                    email=f"contact{number:05}@example.com",
                    job_title=rng.choice(_JOBS),
                    do_not_contact=number % 9 == 4,
                    created_at=known if happened(known) else account.created_at,
                )
            )
    return tuple(contacts)


def _person(rng: Random, first: bool) -> tuple[date | None, str | None]:
    born = date(1940, 1, 1) + timedelta(days=rng.randrange(24_000)) if rng.random() < 0.8 else None
    return _LEAP_DAY if first else born, rng.choices(_GENDERS, _GENDER_WEIGHTS)[0]


def _profile(rng: Random, account: Account, campaigns: tuple[Campaign, ...]) -> Account:
    day = local_day(account.created_at)
    running = [c for c in campaigns if c.kind == "acquisition" and c.starts_on <= day <= c.ends_on]
    owned = account.account_type == "organisation" or rng.random() < 0.05
    return replace(
        account,
        tags="|".join(tag for tag in _TAGS if rng.random() < 0.18) or None,
        campaign_id=running[0].campaign_id if running and rng.random() < 0.4 else None,
        owner_user_id=on_duty(rng, "sales", day) if owned else None,
    )
