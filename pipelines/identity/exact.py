"""Customer numbers by exact, normalised keys."""

import hashlib
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

# bytes of a hash by which keys are told apart
_KEY = 16
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


def customer_numbers(accounts: Iterable[Account], max_accounts_per_key: int) -> list[str]:
    """Return the customer number of each of `accounts`, which come in the order of first_seen and id.

    The number is derived from the account of the customer that was landed first, so it stays when accounts join later
    and is the same when everything is rebuilt from the landing. A key that more than `max_accounts_per_key` accounts
    share (a placeholder address, a front desk) identifies nobody and is not used. Some dozens of bytes are kept of an
    account: keys as hashes. Raises ValueError for accounts in another order.
    """
    own, keys, holders = array("Q"), bytearray(), array("q")
    before = None
    for position, account in enumerate(accounts):
        place = (account.first_seen, account.id)
        if before is not None and place <= before:
            raise ValueError(f"account {account.id}: comes after one that was landed later, or twice")
        before = place
        own.append(_number(account.id))
        for key in match_keys(account):
            keys += hashlib.sha256(key.encode()).digest()[:_KEY]
            holders.append(position)
    # The root of a group is its smallest position: the account that was landed first.
    parent = array("q", range(len(own)))
    for group in _groups(keys, holders):
        if len(group) <= max_accounts_per_key:
            for position in group[1:]:
                _join(parent, group[0], position)
    return [f"C{own[_root(parent, position)]:016X}" for position in range(len(own))]


def _groups(keys: bytearray, holders: array) -> Iterator[list[int]]:
    """Yield the positions of the accounts that share a key, for each key that more than one account has."""
    hashes = np.frombuffer(keys, np.uint64).reshape(-1, 2)
    order = np.lexsort(hashes.T)
    ordered = hashes[order]
    is_same = np.all(ordered[1:] == ordered[:-1], axis=1)
    # where a run of the same key begins, and where it ends
    changes = np.diff(np.concatenate([[False], is_same, [False]]).astype(np.int8))
    positions = np.frombuffer(holders, np.int64)[order]
    for begin, end in zip(np.flatnonzero(changes == 1), np.flatnonzero(changes == -1), strict=True):
        yield sorted(positions[begin : end + 1].tolist())


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


def _root(parent: array, position: int) -> int:
    while parent[position] != position:
        parent[position] = parent[parent[position]]
        position = parent[position]
    return position


def _join(parent: array, left: int, right: int) -> None:
    low, high = sorted((_root(parent, left), _root(parent, right)))
    parent[high] = low


def _number(account: AccountId) -> int:
    source, account_id = account
    return int.from_bytes(hashlib.sha256(f"{len(source)}:{source}{account_id}".encode()).digest()[:8])
