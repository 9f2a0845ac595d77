"""Deliveries and corrections in any order: no row is lost or counted twice, and what counts is what was said last."""

import csv
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines.config import Settings, load_settings
from pipelines.landing.batches import LandedFile, list_batches
from pipelines.landing.corrections import CorrectedRow, CorrectionFile, stage_corrections
from pipelines.landing.ingest import ingest_source
from pipelines.landing.store import move_into_place
from pipelines.paths import DBT_PROJECT
from pipelines.sources.catalog import load_catalog
from pipelines.warehouse.register import register
from tests.rendering import renderer

DAY = datetime(2024, 5, 1, tzinfo=UTC)
COLUMNS = ("product_id", "list_price", "name")
PRICES = {"1": 1, "2": 2, "7": 7, "8": 8}
BAD = ("x", "y")
CONFIG = """
company: {{name: Law, currency: EUR}}
home: home
sources:
  - {{name: shop, system: generic, kind: files, location: in, options: {{load: {load}}}}}
"""
PATIENT = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Correct:
    """A person corrects the row at `place` of the delivery `back` nights ago: its key and its new price."""

    back: int
    place: int
    key: str
    price: str


class World:
    """A source, its landing, and the nights that pass."""

    def __init__(self, root: Path, load: str) -> None:
        self.root, self.night = root, 0
        (root / "in").mkdir()
        (root / "rapport.yml").write_text(CONFIG.format(load=load), encoding="utf-8")
        self.settings: Settings = load_settings(root / "rapport.yml", home=root / "home")
        self.spec = load_catalog("generic")["product"]
        self.append = load == "append"

    def deliver(self, rows: list[tuple]) -> None:
        """The source delivers these rows; a row that is text is a line that is not one."""
        self.night += 1
        name = f"product.{self.night:03d}.csv" if self.append else "product.csv"
        with (self.root / "in" / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            # the night is in the name's column only where files are appended: equal files would be landed once
            writer.writerows([row] if isinstance(row, str) else row for row in rows)
            file.write("\n" * self.night)
        (source,) = self.settings.sources
        catalog = {"product": self.spec}
        ingest_source(source, self.settings.folders.landing, DAY + timedelta(days=self.night), catalog=catalog)

    def batches(self) -> list:
        return list_batches(self.settings.folders.landing)

    def correct(self, batch_id: str, row_number: int, key: str, price: str) -> None:
        earlier = self.batches()
        row = CorrectedRow(2, batch_id, row_number, (key, price, None))
        given = LandedFile("corrected.csv", 1, f"{len(earlier)}")
        file = CorrectionFile("generic", "shop", "product", given, COLUMNS, (row,))
        folder = self.root / "staged"
        landing = self.settings.folders.landing
        as_of = DAY + timedelta(days=self.night)
        move_into_place(folder, stage_corrections(file, folder, landing, as_of, earlier), landing)

    def judged(self) -> duckdb.DuckDBPyConnection:
        """A warehouse in which every row has been judged by the models' own SQL."""
        database = self.settings.folders.database
        register(database, self.settings, self.batches())
        connection = duckdb.connect(str(database))
        staging, rows = rendered()
        connection.execute(f"create view stg_generic__product as {staging}")
        connection.execute(f"create table rows as {rows}")
        return connection


@cache
def rendered() -> tuple[str, str]:
    declared = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    render = renderer(**{**declared, "enabled_systems": ["generic"]})
    return render("stg_generic__product"), render("int_product_rows")


KEYS = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["1", "2", *BAD])
ANY_ROW = st.one_of(st.tuples(st.sampled_from(["a", "b", ""]), TEXTS, st.just("")), st.just("broken"))
ANY_CORRECTION = st.builds(Correct, st.integers(0, 3), st.integers(0, 5), KEYS, TEXTS)


@given(st.sampled_from(["snapshot", "append"]), st.lists(st.lists(ANY_ROW, max_size=5) | ANY_CORRECTION, max_size=7))
@PATIENT
def test_the_ledger_balances_whatever_is_delivered_and_corrected(load, nights):
    with tempfile.TemporaryDirectory() as root:
        world = World(Path(root), load)
        world.deliver([("a", "1", "")])
        for night in nights:
            if not isinstance(night, Correct):
                world.deliver(night)
                continue
            delivered = [batch for batch in world.batches() if not batch.is_correction]
            batch = delivered[-1 - night.back % len(delivered)]
            if batch.rows + batch.rejected:
                number = 1 + night.place % (batch.rows + batch.rejected)
                world.correct(batch.batch_id, number, night.key, night.price)
        with world.judged() as connection:
            found = Counter(connection.execute("select _batch_id, disposition from rows").fetchall())
            census = connection.execute(
                "select batch_id, superseded, deleted, expected from landing.census where source_table = 'product'"
            ).fetchall()
            counted = connection.execute("select product_id from rows where disposition = 'conformed'").fetchall()
            replaced = connection.execute("select count(*) from landing.rejects where not is_live").fetchone()
        for batch_id, superseded, deleted, expected in census:
            kept = found[batch_id, "conformed"] + found[batch_id, "quarantined"]
            assert (found[batch_id, "superseded"], found[batch_id, "deleted"], kept) == (superseded, deleted, expected)
        batches = world.batches()
        assert sum(found.values()) == sum(batch.rows for batch in batches)
        assert sum(one[1] + one[2] + one[3] for one in census) == sum(batch.rows for batch in batches)
        assert len(counted) == len(set(counted))
        assert replaced[0] <= sum(batch.rejected for batch in batches)


STEP = st.dictionaries(KEYS, TEXTS, max_size=3) | st.tuples(KEYS, st.sampled_from(["7", "8"]))


@given(st.sampled_from(["snapshot", "append"]), st.lists(STEP, min_size=1, max_size=8))
@example("append", [{"a": "x"}, ("a", "7"), {"a": "x"}])
@example("append", [{"a": "x"}, ("a", "7"), {"a": "y"}, ("a", "8"), {"a": "x"}, {"a": "1"}])
@example("snapshot", [{"a": "x"}, ("a", "7"), {"a": "x"}, {"a": "1"}, {"a": "x"}])
@PATIENT
def test_a_correction_counts_until_the_source_says_something_new(load, steps):
    """Against a person's account of it: what was delivered of a key, what was corrected, and which came last."""
    with tempfile.TemporaryDirectory() as root:
        world, told = World(Path(root), load), {}
        world.deliver([("z", "1", "")])
        history: list[dict[str, str]] = [{"z": "1"}]
        for step in steps:
            if isinstance(step, dict):
                rows = {"z": "1", **step}
                world.deliver([(key, price, "") for key, price in rows.items()])
                history.append(rows)
                continue
            key, price = step
            night = next((n for n in reversed(range(len(history))) if key in history[n]), None)
            current = night is not None and (world.append or night == len(history) - 1)
            # only what is in quarantine is corrected: the newest word about the key, if it is a bad one
            if current and history[night][key] in BAD and expected(history, told, key, world.append) is None:
                world.correct(*landed_at(world, night, key), key, price)
                told.setdefault(key, []).append((night, len(history), price))
        with world.judged() as connection:
            found = dict(
                connection.execute(
                    "select product_id, list_price from rows where disposition = 'conformed' and product_id <> 'z'"
                ).fetchall()
            )
        keys = {key for rows in history for key in rows} - {"z"}
        wanted = {key: expected(history, told, key, world.append) for key in keys}
        assert {key: int(price) for key, price in found.items()} == {k: v for k, v in wanted.items() if v is not None}


def landed_at(world: World, night: int, key: str) -> tuple[str, int]:
    delivered = [batch for batch in world.batches() if not batch.is_correction]
    batch = delivered[night]
    rows = pq.read_table(batch.rows_file).to_pylist()
    return batch.batch_id, next(row["_row_number"] for row in rows if row["product_id"] == key)


def expected(history: list[dict[str, str]], told: dict, key: str, append: bool) -> int | None:
    """The price that counts; None where the key is not there or its row is in quarantine."""
    said = [(night, rows[key]) for night, rows in enumerate(history) if key in rows]
    if not said or (not append and key not in history[-1]):
        return None
    last = said[-1][1]
    for night, since, price in reversed(told.get(key, [])):
        wrong = history[night][key]
        known = {text for n, text in said if n < since}
        if append and all(text in known for n, text in said if n >= since):
            return int(price)
        if not append and last == wrong:
            return int(price)
    return PRICES.get(last)
