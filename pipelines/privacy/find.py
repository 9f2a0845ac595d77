"""Finds all that the landing holds of a person: ids of what belongs to it, keys of identity, values."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import pyarrow.parquet as pq

from pipelines.identity.exact import plain
from pipelines.landing.batches import BatchManifest
from pipelines.privacy.persons import LINKS, PERSONS, TELLING, Erased, keys_of, link, links_of
from pipelines.privacy.secret import Secret
from pipelines.privacy.values import PRECISIONS, precision_of

Member = tuple[str, str]
# what belongs to an account, and the column of its own id
_BELONGS = {name: entity for name, entity in LINKS.items() if entity != "account"}
_SHORTEST = 4


@dataclass
class Person:
    """Ids (source, id) by entity; keys, values and dates of birth as they were landed. It never leaves the process."""

    members: dict[str, set[Member]] = field(default_factory=lambda: defaultdict(set))
    keys: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    births: dict[Member, set[str]] = field(default_factory=lambda: defaultdict(set))

    def hashed(self, secret: Secret, first_day: date, last_day: date) -> Erased:
        """Return the person as keyed hashes; its age group is known from `first_day` to `last_day`."""
        births = {
            link(secret, member[0], "account", member[1]): max(
                (precision_of(one, first_day, last_day) for one in found), key=PRECISIONS.index
            )
            for member, found in self.births.items()
        }
        return Erased(
            links=frozenset(link(secret, s, entity, i) for entity, ids in self.members.items() for s, i in ids),
            keys=frozenset(secret.hash("key", key) for key in self.keys),
            values=frozenset(secret.hash("value", plain(value)) for value in self.values),
            births=births,
        )


def find_person(batches: Iterable[BatchManifest], entity: str, members: set[Member], contract: dict) -> Person:
    """Return all that belongs to `members` of `entity` in the landed batches, whatever became of the rows."""
    person = Person()
    person.members[entity] |= members
    tables = list(batches)
    if entity == "account":
        for batch in tables:
            own = next((column for column, other in _BELONGS.items() if other == batch.table), None)
            if own:
                for row in _rows(batch, (own, "account_id")):
                    if row[own] and (batch.source, row["account_id"]) in members:
                        person.members[batch.table].add((batch.source, row[own]))
    own = {name: set(found) for name, found in person.members.items()}
    for batch in tables:
        if batch.table in contract and contract[batch.table].get("direct"):
            _take(person, batch, contract[batch.table], own)
    return person


def _take(person: Person, batch: BatchManifest, rules: dict, own: dict[str, set[Member]]) -> None:
    """Take what a batch with personal columns holds of the person: ids of its rows; of its own rows the values too."""
    (key,) = rules["key"]
    for row in _rows(batch, list(dict.fromkeys((key, *LINKS, *rules["direct"])))):
        if not any((batch.source, member) in own.get(entity, ()) for entity, member in links_of(row, batch.table)):
            continue
        if row[key]:
            person.members[batch.table].add((batch.source, row[key] or ""))
        if batch.table in PERSONS:
            person.values |= {v for c, v in row.items() if c in TELLING and v and len(v.strip()) >= _SHORTEST}
            person.keys |= set(keys_of(row))
        if batch.table == "account" and row.get("birth_date"):
            person.births[batch.source, row[key] or ""].add(row["birth_date"] or "")


def _rows(batch: BatchManifest, columns: Iterable[str]) -> Iterable[dict[str, str | None]]:
    """The columns of every row of a batch, by the names of the contract; None where the batch has no such column."""
    landed = {name.lower(): name for name in batch.columns}
    wanted = {column: landed[column] for column in columns if column in landed}
    for group in pq.ParquetFile(batch.rows_file).iter_batches(columns=list(wanted.values())):
        values = {column: group.column(name).to_pylist() for column, name in wanted.items()}
        for place in range(group.num_rows):
            yield {column: values[column][place] if column in values else None for column in columns}
