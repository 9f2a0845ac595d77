"""Who was erased, as keyed hashes, and what that means for a row: of past batches, and of those that come later."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.errors import RapportError
from pipelines.identity.exact import Account, match_keys, plain
from pipelines.privacy.secret import Secret
from pipelines.privacy.values import PRECISIONS, token

Row = Mapping[str, str | None]

# What a row refers to by which column; a row that refers to something of a person is about that person.
LINKS = {
    "account_id": "account",
    "contact_id": "contact",
    "lead_id": "lead",
    "opportunity_id": "opportunity",
    "order_id": "order",
    "project_id": "project",
    "ticket_id": "ticket",
}
ERASED_LINE = "(erased)"
# values that name one person, so that a line that could not be read as a row is known by them
PERSONS = ("account", "contact", "lead", "user")
TELLING = ("name", "email", "phone", "tax_id", "street")
_PIECES = re.compile(r"[,;\t|\"{}\[\]]+|: ")
_KEY_COLUMNS = {"email": ("email",), "tax_id": ("tax_id",), "phone": ("phone", "name")}


@dataclass(frozen=True)
class Erased:
    """Hashes of the ids, identity keys and values of erased persons, and how exact their dates of birth stay."""

    links: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    births: Mapping[str, str] = field(default_factory=dict)

    def merged(self, other: "Erased") -> "Erased":
        """Return both; a date of birth stays as exact as either needs."""
        births = {
            name: max(self.births.get(name, "year"), other.births.get(name, "year"), key=PRECISIONS.index)
            for name in {*self.births, *other.births}
        }
        return Erased(self.links | other.links, self.keys | other.keys, self.values | other.values, births)

    def to_json(self) -> str:
        """Return what is kept on disk: hashes only."""
        content = {
            "links": sorted(self.links),
            "keys": sorted(self.keys),
            "values": sorted(self.values),
            "births": dict(sorted(self.births.items())),
        }
        return json.dumps(content, indent=1) + "\n"


def load_erased(file: Path) -> Erased:
    """Return who was erased; nobody where there is no file. Raises RapportError where it cannot be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Erased(*(frozenset(content[name]) for name in ("links", "keys", "values")), content["births"])
    except FileNotFoundError:
        return Erased()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RapportError(
            f"{file}: the list of erased persons cannot be read: {error}. Restore it from a backup: without it, "
            "a delivery would bring them back."
        ) from None


def save_erased(file: Path, erased: Erased) -> None:
    """Write the list, all at once, so that only the owner can read it."""
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(erased.to_json())
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(file)


def link(secret: Secret, source: str, entity: str, member: str) -> str:
    """Return the hash of the id of something in a source."""
    return secret.hash("link", source, entity, member)


def links_of(row: Row, entity: str) -> list[tuple[str, str]]:
    """Return (entity, id) of what a row of `entity` is or refers to; users are only found by their own rows."""
    columns = {**LINKS, "user_id": "user"} if entity == "user" else LINKS
    return [(other, row[column]) for column, other in columns.items() if row.get(column)]


def keys_of(row: Row) -> list[str]:
    """Return the keys by which identity would join the row, were it an account."""
    values = {name: row.get(name) for name in ("email", "phone", "tax_id", "name")}
    return match_keys(Account("", "", **values, first_seen=(datetime.min, 0)))


class Eraser:
    """Erases persons from rows and lines of one source's table."""

    def __init__(self, erased: Erased, secret: Secret, source: str, entity: str, key: str, direct: list[str]) -> None:
        """Take who was erased, and the entity's key column and personal columns."""
        self._erased, self._secret, self._source = erased, secret, source
        self._entity, self._key, self._direct = entity, key, direct

    @property
    def has_personal_columns(self) -> bool:
        """Whether rows of the table can hold what is to be erased; lines that are no rows always can."""
        return bool(self._direct)

    def row(self, row: Row) -> dict[str, str | None]:
        """Return the values to write into the row, by column; none where it is about nobody who was erased."""
        hashes = [link(self._secret, self._source, *one) for one in links_of(row, self._entity)]
        about = [one for one in hashes if one in self._erased.links]
        keys = [key for key in keys_of(row) if self._secret.hash("key", key) in self._erased.keys]
        if about or (keys and (self._entity != "account" or not (row.get(self._key) or "").strip())):
            columns = self._direct
        else:
            # somebody else has the address too: it is erased there as well, and stays equal
            columns = [column for key in keys for column in _KEY_COLUMNS[key.split(":")[0]]]
        precision = max((self._erased.births.get(one, "year") for one in about), key=PRECISIONS.index, default="year")
        new = {c: token(self._secret, c, row.get(c), precision) for c in columns if row.get(c)}
        return {column: value for column, value in new.items() if value != row.get(column)}

    def line(self, raw: str) -> str:
        """Return a line that is no row, or what stands for it where it names somebody who was erased."""
        pieces = {piece.strip() for piece in _PIECES.split(raw)} - {""}
        return ERASED_LINE if any(map(self._is_telling, pieces)) else raw

    def _is_telling(self, piece: str) -> bool:
        entities = {*LINKS.values(), "user"} if self._entity == "user" else set(LINKS.values())
        return self._secret.hash("value", plain(piece)) in self._erased.values or any(
            link(self._secret, self._source, entity, piece) in self._erased.links for entity in entities
        )
