"""Rows that follow what changed are those of a build that begins anew, whatever was delivered, night after night."""

import csv
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pipelines.warehouse.kept
import pipelines.warehouse.register
from pipelines.config import load_settings
from pipelines.landing.batches import BatchManifest, LandedFile, list_batches
from pipelines.landing.corrections import CorrectedRow, CorrectionFile, stage_corrections
from pipelines.landing.ingest import ingest_source
from pipelines.landing.store import move_into_place
from pipelines.paths import DBT_PROJECT
from pipelines.sources.catalog import load_catalog, load_contract
from pipelines.warehouse.register import register
from tests.rendering import macros

DAY = datetime(2024, 5, 1, tzinfo=UTC)
CONFIG = """
company: {{name: Law, currency: EUR, time_zone: Europe/Berlin}}
home: home
sources:
  - {{name: crm, system: generic, kind: files, location: crm, options: {{load: snapshot}}}}
  - {{name: shop, system: generic, kind: files, location: shop, options: {{load: append}}}}
"""
PATIENT = settings(
    max_examples=int(os.environ.get("RAPPORT_HISTORIES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

CLOCKS = ["", "", "2024-01-01T00:00:00Z", "2024-02-01T12:00:00", "2024-02-01T13:00:00+02:00", "soon"]
IDS = ["a", "b", "c"]
# entity -> column -> what sources write there; of each family the parents come first
FAMILIES = {
    "sales": {
        "account": {
            "account_id": [*IDS, *IDS, "d", "", "one@example.com"],
            "name": ["", "n", "m"],
            "birth_date": ["", "", "1990-01-01", "once"],
        },
        "order": {
            "order_id": [*IDS, *IDS, ""],
            "account_id": [*IDS, *IDS, "d", "", "gone", "one@example.com"],
            "ordered_at": ["2024-01-01", "2024-03-31T02:30:00", "2024-03-31T02:30:00Z", "x"],
            "status": ["confirmed", "confirmed", "confirmed", "robbed"],
        },
        "payment": {
            "payment_id": [*IDS, ""],
            "order_id": [*IDS, ""],
            "account_id": [*IDS, ""],
            "amount": ["1.00", "2", "x"],
            "paid_at": ["", "2024-01-01"],
        },
    },
    "service": {
        "business_schedule": {
            "schedule_id": ["a", "b"],
            "weekday": ["1", "2", "1 "],
            "opens": ["08:00", "08:00", "13:00", ""],
            "closes": ["12:00", "18:00", "late"],
            "valid_from": ["2024-01-01", "2024-02-01"],
            "valid_to": ["", "2024-01-01", "2025-01-01"],
            "time_zone": ["UTC", "Europe/Berlin", "Mars/North"],
        },
        "sla_policy": {
            "policy_id": IDS,
            "schedule_id": ["a", "b", "c", ""],
            "metric": ["resolution"],
            "target_minutes": ["60", "30", "0"],
            "clock": ["business", "calendar"],
        },
    },
}
COMMON = {"source_updated_at": CLOCKS, "is_deleted": ["", "", "", "true", "maybe"], "is_test": ["", "", "true", "?"]}


@dataclass(frozen=True)
class Delivery:
    """A source delivers a table: rows, or what it had delivered of it so many deliveries before."""

    source: str
    entity: str
    rows: tuple[tuple[str, ...], ...] = ()
    again: int = 0


@dataclass(frozen=True)
class Correct:
    """A person corrects a row of some batch: its columns are those of another row."""

    batch: int
    place: int
    row: tuple[str, ...]


def columns_of(entity: str) -> tuple[str, ...]:
    (family,) = (one for one in FAMILIES.values() if entity in one)
    return (*family[entity], *COMMON)


class World:
    """Sources, their landing, and two warehouses: one that follows from night to night, and one always made anew."""

    def __init__(self, root: Path, family: str, spoil: Callable[[str], str] = lambda sql: sql) -> None:
        self.root, self.night, self.entities = root, 0, tuple(FAMILIES[family])
        self.spoil = spoil
        for name in ("crm", "shop"):
            (root / name).mkdir()
        (root / "rapport.yml").write_text(CONFIG.format(), encoding="utf-8")
        self.settings = load_settings(root / "rapport.yml", home=root / "home")
        self.catalog = {name: spec for name, spec in catalog().items() if name in self.entities}
        self.delivered: dict[tuple[str, str], list[tuple]] = {}
        # a source without any file would be one that cannot be read
        for source in ("crm", "shop"):
            self.deliver(Delivery(source, self.entities[0]))

    def deliver(self, delivery: Delivery) -> None:
        known = self.delivered.setdefault((delivery.source, delivery.entity), [])
        rows = known[-delivery.again] if 0 < delivery.again <= len(known) else delivery.rows
        known.append(rows)
        name = f"{delivery.entity}.csv" if delivery.source == "crm" else f"{delivery.entity}.{len(known):03d}.csv"
        with (self.root / delivery.source / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns_of(delivery.entity))
            writer.writerows(rows)
            # files that are equal would be landed once
            file.write("\n" * len(known) if delivery.source == "shop" else "")

    def correct(self, correction: Correct) -> None:
        there = [batch for batch in self.batches() if batch.rows and batch.table == self.entities[-1]]
        if not there:
            return
        batch = there[-1 - correction.batch % len(there)]
        numbers = pq.read_table(batch.rows_file, columns=["_row_number"]).column(0).to_pylist()
        earlier = [b for b in self.batches() if (b.source, b.table) == (batch.source, batch.table)]
        row = CorrectedRow(2, batch.batch_id, numbers[correction.place % len(numbers)], correction.row)
        given = LandedFile("corrected.csv", 1, f"{self.night}-{len(earlier)}")
        file = CorrectionFile("generic", batch.source, batch.table, given, columns_of(batch.table), (row,))
        folder, landing = self.root / "staged", self.settings.folders.landing
        as_of = DAY + timedelta(days=self.night)
        move_into_place(folder, stage_corrections(file, folder, landing, as_of, earlier), landing)

    def land(self, night: tuple) -> None:
        self.night += 1
        for one in night:
            if isinstance(one, Delivery):
                self.deliver(one)
        for source in self.settings.sources:
            as_of = DAY + timedelta(days=self.night)
            ingest_source(source, self.settings.folders.landing, as_of, catalog=self.catalog)
        for one in night:
            if isinstance(one, Correct):
                self.correct(one)

    def batches(self) -> list[BatchManifest]:
        return list_batches(self.settings.folders.landing)

    def anew(self) -> dict[str, list[str]]:
        """The rows of a warehouse that begins anew."""
        database = self.root / "anew.duckdb"
        register(database, self.settings, self.batches())
        with opened(database) as connection:
            self._stage(connection)
            connection.execute("create schema intermediate")
            return {entity: built_anew(connection, entity) for entity in self.entities}

    def followed(self) -> dict[str, list[str]]:
        """The rows of the warehouse that is kept."""
        database = self.root / "kept.duckdb"
        follow = database.exists()
        register(database, self.settings, self.batches(), follow=follow)
        with opened(database) as connection:
            self._stage(connection)
            if not follow:
                connection.execute("create schema intermediate")
                return {entity: built_anew(connection, entity) for entity in self.entities}
            self._spoil_changes(connection)
            return {entity: self._follow(connection, entity) for entity in self.entities}

    def _spoil_changes(self, connection: duckdb.DuckDBPyConnection) -> None:
        for name in ("changed", "changed_parents"):
            told = f"select * from landing.{name}"
            if (spoilt := self.spoil(told)) != told:
                connection.execute(f"create or replace table landing.{name} as {spoilt}")

    def _stage(self, connection: duckdb.DuckDBPyConnection) -> None:
        for entity in self.entities:
            connection.execute(f"create or replace view stg_generic__{entity} as {sql().generic_staging(entity)}")

    def _follow(self, connection: duckdb.DuckDBPyConnection, entity: str) -> list[str]:
        """What the materialization does, in its order."""
        rows, parents = rows_of(entity), references(entity)

        def do(statement: str) -> list[tuple]:
            return connection.execute(self.spoil(statement)).fetchall()

        batches = do(sql().count_changed_batches([], [("generic", entity)]))
        if batches == [(0,)] and do(sql().count_changed_parents(entity, list(parents))) == [(0,)]:
            return content(connection, entity)
        do(sql().remember_parents(entity, rows))
        do(sql().find_seen_rows(entity, list(parents)))
        do(sql().find_touched_rows())
        judged = [batch for (batch,) in do(sql().find_judged_batches())]
        do(sql().dispose_of_dead_rows(rows))
        do(sql().remove_judged_rows(rows))
        do(sql().stage_judged_rows(entity, judged))
        do(sql().judge_again(entity, parents, rows))
        do(sql().tell_changed_parents(entity, rows))
        return content(connection, entity)


catalog = cache(lambda: load_catalog("generic"))
contract = cache(load_contract)


@pytest.fixture(scope="module", autouse=True)
def _only_tables_of_families():
    """A warehouse has the tables of the families and no other: it is made many hundred times."""
    entities = {entity for family in FAMILIES.values() for entity in family}
    tables = {name: spec for name, spec in catalog().items() if name in entities}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines.warehouse.register, "load_catalog", lambda _: tables)
        patch.setattr(pipelines.warehouse.kept, "load_contract", contract)
        yield


@cache
def sql() -> SimpleNamespace:
    declared = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return macros(lambda name: name, **{**declared, "enabled_systems": ["generic"]})


def rows_of(entity: str) -> str:
    return f"intermediate.int_{entity}_rows"


def references(entity: str) -> dict[str, str]:
    return {column: rows_of(parent) for column, parent in contract()[entity].get("references", {}).items()}


def built_anew(connection: duckdb.DuckDBPyConnection, entity: str) -> list[str]:
    connection.execute(f"create table {rows_of(entity)} as {sql().conform_query(entity, references(entity))}")
    return content(connection, entity)


def content(connection: duckdb.DuckDBPyConnection, entity: str) -> list[str]:
    return sorted(map(repr, connection.execute(f"select * from {rows_of(entity)}").fetchall()))


@contextmanager
def opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(database)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set default_null_order = 'nulls_last'")
        yield connection


def differing(family: str, nights: list[tuple], spoil: Callable[[str], str] = lambda sql: sql) -> list[str]:
    """Return the first entity whose rows differ after one of the nights, and when; nothing where none does."""
    with tempfile.TemporaryDirectory() as root:
        world = World(Path(root), family, spoil)
        for number, night in enumerate(nights):
            world.land(night)
            kept, anew = world.followed(), world.anew()
            found = [f"{entity}, night {number}" for entity in world.entities if kept[entity] != anew[entity]]
            if found:
                return found[:1]
    return []


def histories(family: str) -> st.SearchStrategy:
    def rows(entity: str) -> st.SearchStrategy:
        (columns,) = (one[entity] for one in FAMILIES.values() if entity in one)
        return st.tuples(*(st.sampled_from(values) for values in {**columns, **COMMON}.values()))

    def delivery(entity: str) -> st.SearchStrategy:
        of = st.sampled_from(["crm", "shop"]), st.just(entity), st.lists(rows(entity), max_size=5).map(tuple)
        return st.builds(Delivery, *of, again=st.sampled_from([0, 0, 0, 1, 2]))

    last = list(FAMILIES[family])[-1]
    happening = st.one_of(
        *(delivery(entity) for entity in FAMILIES[family]),
        st.builds(Correct, st.integers(0, 3), st.integers(0, 5), rows(last)),
    )
    return st.lists(st.lists(happening, max_size=4).map(tuple), min_size=2, max_size=6)


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@PATIENT
def test_rows_that_follow_are_those_of_a_build_that_begins_anew(family, data):
    nights = data.draw(histories(family))
    assert differing(family, nights) == []


def account(key: str, **values: str) -> tuple[str, ...]:
    return row("account", account_id=key, **values)


def order(key: str, account_id: str, **values: str) -> tuple[str, ...]:
    return row("order", order_id=key, account_id=account_id, ordered_at="2024-01-01", status="confirmed", **values)


def row(entity: str, **values: str) -> tuple[str, ...]:
    return tuple(values.get(column, "") for column in columns_of(entity))


def crm(entity: str, *rows: tuple[str, ...]) -> Delivery:
    return Delivery("crm", entity, rows)


def shop(entity: str, *rows: tuple[str, ...]) -> Delivery:
    return Delivery("shop", entity, rows)


BOTH = crm("account", account("a"), account("b"))
PAID = row("payment", payment_id="a", amount="x", paid_at="2024-01-01")
LATER = row("payment", payment_id="b", amount="1", paid_at="2024-01-02")
NEWEST = " where batch_id in (select max(batch_id) from landing.batches group by source, source_table)"
# what could be forgotten: (what is replaced, by what), and nights after which that is noticed
FORGOTTEN = {
    "parents that appear": (
        (
            "'account' as entity, source, parent_id from appeared",
            "'account' as entity, source, parent_id from vanished",
        ),
        [(BOTH, crm("order", order("a", "gone"))), (crm("account", account("gone")),)],
    ),
    "parents that vanish": (
        ("from vanished", "from vanished where false"),
        [(BOTH, crm("order", order("a", "a"))), (crm("account", account("a", birth_date="once"), account("b")),)],
    ),
    "rows that name a changed parent": (
        ("where is_changed or has_changed_parent", "where is_changed"),
        [(BOTH, crm("order", order("a", "gone"))), (crm("account", account("gone")),)],
    ),
    "rows that name a changed parent and are not live": (
        ("or seen.has_changed_parent as is_judged", "as is_judged"),
        [
            (BOTH, crm("order", order("a", "a"), order("b", "gone"))),
            (crm("order", order("a", "a")),),
            (crm("account", account("a"), account("gone")),),
        ],
    ),
    "batches that are live no longer": (
        ("select * from landing.changed", f"select * from landing.changed{NEWEST}"),
        [(BOTH,), (crm("account", account("a")),)],
    ),
    "rows that a correction replaces": (
        ("select * from landing.changed", f"select * from landing.changed{NEWEST}"),
        [
            (shop("payment", PAID),),
            (shop("payment", LATER),),
            (Correct(0, 0, row("payment", payment_id="a", amount="1", paid_at="2024-01-01")),),
        ],
    ),
    "other rows of the key": (
        ("is not distinct from changed.key_hash", "is not distinct from changed.key_hash and seen.is_changed"),
        [(shop("account", account("a")),), (shop("account", account("a")),)],
    ),
    "a late row, which is older than what is there": (
        ("is not distinct from changed.key_hash", "is not distinct from changed.key_hash and seen.is_changed"),
        [
            (shop("account", account("a", source_updated_at="2024-02-01T12:00:00Z")),),
            (shop("account", account("a", source_updated_at="2024-01-01T00:00:00Z")),),
        ],
    ),
    "rows without a key": (
        ("seen.key_hash is not distinct from changed.key_hash", "seen.key_hash = changed.key_hash"),
        [(crm("account", account("")),), (crm("account", account("a")),)],
    ),
    "what was deleted and is there again": (
        ("and not touched.is_judged and", "and false and"),
        [(BOTH,), (crm("account", account("a")),), (BOTH,)],
    ),
    "rows as they were judged before": (
        ("and touched.is_judged", "and touched.is_judged and false"),
        [(BOTH,), (crm("account", account("a")),)],
    ),
}


@pytest.mark.parametrize("forgotten", FORGOTTEN)
def test_what_is_forgotten_is_noticed(forgotten):
    (right, wrong), nights = FORGOTTEN[forgotten]
    part = re.compile(re.escape(right) + r"(?!\w)")
    replaced = []

    def spoil(statement: str) -> str:
        replaced.append(bool(part.search(statement)))
        return part.sub(lambda _: wrong, statement)

    assert differing("sales", nights) == []
    assert differing("sales", nights, spoil) != []
    assert any(replaced)
