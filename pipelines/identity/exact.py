"""Customer numbers by exact, normalised keys."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

AccountId = tuple[str, str]


@dataclass(frozen=True)
class Account:
    """What identity needs to know of one account; `first_seen` orders accounts by when they were first landed."""

    source: str
    account_id: str
    email: str | None
    phone: str | None
    tax_id: str | None
    name: str | None
    first_seen: tuple[datetime, int]

    @property
    def id(self) -> AccountId:
        """Source and id: what makes an account unique."""
        return self.source, self.account_id


def match_keys(account: Account) -> list[str]:
    """Return the normalised keys of an account: two accounts that share one are the same customer.

    An e-mail address, a tax number, or a phone number together with the name (families share phones). Case, width,
    surrounding space and punctuation of numbers do not matter.
    """
    keys = []
    if is_email(account.email):
        keys.append("email:" + plain(account.email))
    tax_id = letters_and_digits(account.tax_id)
    if len(tax_id) >= 5:
        keys.append("tax_id:" + tax_id)
    phone = digits(account.phone)
    name = plain(account.name)
    if len(phone) >= 7 and name:
        keys.append(f"phone:{phone}:{name}")
    return keys


def customer_numbers(accounts: Iterable[Account], max_accounts_per_key: int) -> dict[AccountId, str]:
    """Return account -> customer number.

    The number is derived from the account of the customer that was landed first, so it stays when accounts join later
    and is the same when everything is rebuilt from the landing. A key that more than `max_accounts_per_key` accounts
    share (a placeholder address, a front desk) identifies nobody and is not used.
    """
    ordered = sorted(accounts, key=lambda account: (account.first_seen, account.id))
    holders: dict[str, list[int]] = defaultdict(list)
    for position, account in enumerate(ordered):
        for key in match_keys(account):
            holders[key].append(position)
    # The root of a group is its smallest position: the account that was landed first.
    parent = list(range(len(ordered)))
    for group in holders.values():
        if len(group) <= max_accounts_per_key:
            for position in group[1:]:
                _join(parent, group[0], position)
    return {account.id: _number(ordered[_root(parent, i)].id) for i, account in enumerate(ordered)}


def plain(value: str | None) -> str:
    """Return text as it is compared: without regard to case, width and surrounding space."""
    return " ".join(unicodedata.normalize("NFKC", value or "").casefold().split())


def is_email(value: str | None) -> bool:
    """Return whether text is an e-mail address."""
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", plain(value)))


def letters_and_digits(value: str | None) -> str:
    """Return a tax number as it is compared."""
    return "".join(filter(str.isalnum, plain(value)))


def digits(value: str | None) -> str:
    """Return a phone number as it is compared."""
    return "".join(filter(str.isdigit, plain(value)))


def _root(parent: list[int], position: int) -> int:
    while parent[position] != position:
        parent[position] = parent[parent[position]]
        position = parent[position]
    return position


def _join(parent: list[int], left: int, right: int) -> None:
    low, high = sorted((_root(parent, left), _root(parent, right)))
    parent[high] = low


def _number(account: AccountId) -> str:
    source, account_id = account
    return "C" + hashlib.sha256(f"{len(source)}:{source}{account_id}".encode()).hexdigest()[:16].upper()
