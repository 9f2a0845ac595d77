"""Quarantined rows: found, taken out, and given back; what is wrong with a given file is told by line."""

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.config import Settings, load_settings
from pipelines.errors import ConfigError, RapportError
from pipelines.landing.batches import list_batches
from pipelines.landing.corrections import stage_corrections
from pipelines.landing.ingest import ingest_source
from pipelines.landing.store import move_into_place
from pipelines.paths import EXPECTATIONS
from pipelines.quarantine.advice import advice
from pipelines.quarantine.corrections import Corrections, find_corrections
from pipelines.quarantine.export import OWN_COLUMNS, export_rows
from pipelines.quarantine.given import read_given
from pipelines.quarantine.rows import Place, QuarantinedRow, Selection, counts, named, place_of, read_rows
from pipelines.sources.catalog import load_catalog
from pipelines.warehouse.register import register

DAY = datetime(2024, 5, 1, tzinfo=UTC)
CONFIG = """
company: {name: Shop, currency: EUR}
home: home
sources:
  - {name: shop, system: generic, kind: files, location: in, options: {load: snapshot}}
"""
PRODUCTS = "product_id,name,list_price\nP1,Lamp,10\nP2,Desk,2x\n,Chair,30\nP4;Shelf;40\nP5,Sofa,50\nP5,Sofa,50\n"
REASONS = {2: "bad_decimal", 3: "missing_key", 4: "wrong_field_count", 6: "duplicate_key"}
SPECS = load_catalog("generic")
CATALOG = {"product": SPECS["product"]}


class Shop:
    """A source with one table, landed, and what is in quarantine of it."""

    def __init__(self, root: Path, load: str = "snapshot") -> None:
        self.root, self.nights = root, 0
        (root / "in").mkdir()
        (root / "rapport.yml").write_text(CONFIG.replace("snapshot", load), encoding="utf-8")
        self.settings: Settings = load_settings(root / "rapport.yml")
        self.landing = self.settings.folders.landing
        self.deliver(PRODUCTS)
        (self.batch,) = self.batches()
        self.rows = [self.quarantined(number, reason) for number, reason in REASONS.items()]

    def deliver(self, text: str, name: str = "product.csv") -> str:
        (self.root / "in" / name).write_text(text, encoding="utf-8")
        self.nights += 1
        (source,) = self.settings.sources
        (table,) = ingest_source(source, self.landing, DAY + timedelta(days=self.nights), catalog=CATALOG)
        return table.status

    def batches(self) -> list:
        return list_batches(self.landing)

    def quarantined(self, number: int, reason: str) -> QuarantinedRow:
        place = ("shop", "product", self.batch.batch_id, number, "product.csv", number + 1)
        return QuarantinedRow(*place, "product", reason, None, None, "{}")

    def export(self, target: str = "rows.csv", rows: list | None = None) -> Path:
        (written,) = export_rows(self.settings, Place("release r", Path()), rows or self.rows, self.root / target)
        return written.file

    def find(self, file: Path) -> Corrections:
        known = {(row.batch, row.row_number): row for row in self.rows}
        return find_corrections(read_given(file), CATALOG["product"], self.batches(), known)

    def land(self, found: Corrections) -> None:
        staged = self.root / "staged"
        as_of = DAY + timedelta(days=self.nights)
        move_into_place(
            staged, stage_corrections(found.file, staged, self.landing, as_of, self.batches()), self.landing
        )


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Shop:
    monkeypatch.chdir(tmp_path)
    return Shop(tmp_path)


def edit(file: Path, **changes: dict[str, str]) -> Path:
    """Change columns of the rows with these numbers (written r2, r3, ...) in an exported file."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        row.update(changes.get(f"r{row['_row_number']}", {}))
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return file


RIGHT = {
    "r2": {"list_price": "20"},
    "r3": {"product_id": "P3"},
    "r4": {"product_id": "P4", "name": "Shelf", "list_price": "40"},
}

# --- Out ----------------------------------------------------------------------------------------------------------


def test_an_exported_file_has_the_whole_rows_and_what_to_do(shop):
    with shop.export().open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert header == [*OWN_COLUMNS, "product_id", "name", "list_price"]
    assert [row[-3:] for row in rows] == [["P2", "Desk", "2x"], ["", "Chair", "30"], ["", "", ""], ["P5", "Sofa", "50"]]
    assert rows[2][header.index("_line_as_it_was")] == "P4;Shelf;40"
    assert rows[0][header.index("_what_to_do")] == advice("bad_decimal")


def test_an_export_is_in_the_audit_log_without_a_value_of_a_row(shop):
    shop.export()
    (line,) = shop.settings.folders.audit_log.read_text().splitlines()
    assert json.loads(line)["details"]["rows"] == {"shop.product": 4}
    assert "Desk" not in line


@pytest.mark.parametrize("target", ["../rows.csv", "/rows.csv", "."])
def test_rows_leave_for_no_place_outside_the_current_folder(shop, target):
    with pytest.raises(ConfigError, match="not below the current folder"):
        export_rows(shop.settings, Place("release r", Path()), shop.rows, Path(target))
    assert not shop.settings.folders.audit_log.exists()


def test_a_link_that_leads_out_of_the_current_folder_is_no_way_out(shop, tmp_path_factory):
    (shop.root / "out").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(ConfigError, match="not below the current folder"):
        shop.export("out/rows.csv")


def test_an_export_never_replaces_a_file(shop):
    shop.export()
    with pytest.raises(ConfigError, match="exists already"):
        shop.export()


def test_rows_of_two_tables_are_two_files(shop):
    other = QuarantinedRow("shop", "order", "000001-x", 1, "order.csv", 2, "order", "bad_date", None, None, "{}")
    with pytest.raises(ConfigError, match="2 tables"):
        shop.export(rows=[*shop.rows, other])


# --- Back ---------------------------------------------------------------------------------------------------------


def test_changed_lines_are_corrections_and_the_others_are_left_alone(shop):
    found = shop.find(edit(shop.export(), **RIGHT))
    assert [(row.line, row.row_number, row.values) for row in found.file.rows] == [
        (2, 2, ("P2", "Desk", "20")),
        (3, 3, ("P3", "Chair", "30")),
        (4, 4, ("P4", "Shelf", "40")),
    ]
    assert (found.unchanged, found.known, found.keyless) == (1, 0, {3, 4})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"r2": {"product_id": "P9"}}, "line 2: product_id was changed"),
        ({"r3": {"name": "Stool"}}, "line 3: product_id is empty"),
        ({"r6": {"list_price": "51"}}, "line 5: this row is an exact copy"),
        ({"r2": {"_row_number": "99"}}, "line 2: .*row 99 is no landed row"),
        ({"r2": {"_row_number": "1"}}, "line 2: this row is not in quarantine"),
        ({"r2": {"_row_number": "two"}}, "line 2: _row_number is not a number"),
        ({"r2": {"_table": "order"}}, "name 2 tables"),
        (
            {"r3": {"product_id": "P3"}, "r4": {"product_id": "P3", "name": "Shelf", "list_price": "40"}},
            "lines 3, 4 have one key and different values",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(shop, changes, message):
    with pytest.raises(ConfigError, match=message) as caught:
        shop.find(edit(shop.export(), **changes))
    assert "Stool" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("product_id,name\nP2,Desk\n", "lacks the columns _source, _table, _batch_id, _row_number"),
        ("_source,_table,_batch_id,_row_number,product_id,product_id\n", "one twice: product_id"),
        ("_source,_table,_batch_id,_row_number,product_id\n", "there is no row in it"),
        ("_source,_table,_batch_id,_row_number,product_id\nshop,product,x\n", "line 2: is not a row"),
    ],
)
def test_a_file_that_was_not_exported_is_refused(tmp_path, text, message):
    file = tmp_path / "rows.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_given(file)


def test_all_columns_have_to_come_back(shop):
    file = shop.root / "few.csv"
    file.write_text(f"_source,_table,_batch_id,_row_number,name\nshop,product,{shop.batch.batch_id},2,Desk\n")
    with pytest.raises(ConfigError, match="lacks the columns product_id, list_price"):
        shop.find(file)


def test_what_was_landed_once_is_known_and_can_be_corrected_again(shop):
    file = edit(shop.export(), **RIGHT)
    shop.land(shop.find(file))
    shop.rows = []
    again = shop.find(file)
    assert (again.file, again.known, again.unchanged) == (None, 3, 1)
    better = {"r2": {"list_price": "21"}}
    target = shutil.copyfile(file, shop.root / "better.csv")
    text = target.read_text(encoding="utf-8").replace(";Desk;20", ";Desk;21")
    target.write_text(text, encoding="utf-8")
    found = shop.find(target)
    assert [(row.row_number, row.values[2]) for row in found.file.rows] == [(2, better["r2"]["list_price"])]


# --- In the landing and in the warehouse --------------------------------------------------------------------------


def products(shop: Shop) -> dict[str, str]:
    """The prices of the rows that are live, by name; several of one name with a plus between them."""
    register(shop.settings.folders.database, shop.settings, shop.batches())
    with duckdb.connect(str(shop.settings.folders.database)) as connection:
        rows = connection.execute(
            "select name, string_agg(list_price, '+' order by _batch_number) from landing.generic__product "
            "where _is_live group by name"
        ).fetchall()
    return dict(rows)


def test_a_correction_stands_for_its_row_and_the_row_stands_aside(shop):
    shop.land(shop.find(edit(shop.export(), **RIGHT)))
    assert products(shop) == {"Lamp": "10", "Desk": "20", "Chair": "30", "Shelf": "40", "Sofa": "50+50"}


def test_a_correction_is_no_delivery(shop):
    shop.land(shop.find(edit(shop.export(), **RIGHT)))
    assert shop.deliver(PRODUCTS) == "unchanged"
    assert shop.deliver(PRODUCTS + "P7,Rug,70\n") == "landed"
    assert [batch.number for batch in shop.batches()] == [1, 2, 3]
    assert [batch.load for batch in shop.batches()] == ["snapshot", "correction", "snapshot"]


def test_a_correction_outlives_deliveries_of_the_same_broken_line(shop):
    shop.land(shop.find(edit(shop.export(), **RIGHT)))
    shop.deliver("product_id,name,list_price\nP7,Rug,70\nP4;Shelf;40\nP2,Desk,2x\n,Chair,30\n")
    assert products(shop) == {"Rug": "70", "Desk": "20", "Chair": "30", "Shelf": "40"}


def test_a_correction_ends_when_the_source_delivers_the_row_anew(shop):
    shop.land(shop.find(edit(shop.export(), **RIGHT)))
    shop.deliver("product_id,name,list_price\nP2,Desk,22\nP3,Chair,33\nP4;Shelf;40\n")
    assert products(shop) == {"Desk": "22", "Chair": "33", "Shelf": "40"}


def test_a_correction_ends_when_the_source_no_longer_has_the_row(shop):
    shop.land(shop.find(edit(shop.export(), **RIGHT)))
    shop.deliver("product_id,name,list_price\nP1,Lamp,10\n")
    assert products(shop) == {"Lamp": "10"}


def test_of_two_lines_alike_only_the_one_that_was_corrected_stands_aside(shop):
    """Two records without a key may say the same, and are two."""
    shop.deliver("product_id,name,list_price\n,Chair,30\n,Chair,30\n")
    *_, shop.batch = shop.batches()
    shop.rows = [shop.quarantined(1, "missing_key"), shop.quarantined(2, "missing_key")]
    shop.land(shop.find(edit(shop.export(), r2={"product_id": "P3", "list_price": "31"})))
    assert products(shop) == {"Chair": "30+31"}


def test_of_files_that_are_appended_only_the_corrected_line_stands_aside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shop = Shop(tmp_path, "append")
    shop.land(shop.find(edit(shop.export(), r3={"product_id": "P3", "list_price": "31"})))
    shop.deliver("product_id,name,list_price\n,Chair,30\n\n", "product.2.csv")
    assert products(shop)["Chair"] == "30+31"


def test_a_correction_ranks_after_the_other_side_of_a_contradiction_in_every_delivery(shop):
    contradiction = "product_id,name,list_price\nP6,Bed,60\nP6,Bed,61\n"
    shop.deliver(contradiction)
    *_, shop.batch = shop.batches()
    shop.rows = [shop.quarantined(1, "conflicting_key"), shop.quarantined(2, "conflicting_key")]
    shop.land(shop.find(edit(shop.export(), r1={"list_price": "62"})))
    assert products(shop) == {"Bed": "61+62"}
    shop.deliver(contradiction + "P7,Rug,70\n")
    assert products(shop) == {"Bed": "61+62", "Rug": "70"}


# --- Lists --------------------------------------------------------------------------------------------------------


def test_rows_are_counted_selected_and_named(shop, tmp_path):
    file = tmp_path / "quarantine.parquet"
    columns = ", ".join(f'"{name}"' for name in QuarantinedRow.__dataclass_fields__)
    values = ", ".join(str(tuple(vars(row).values())).replace("None", "null") for row in shop.rows)
    duckdb.sql(f"copy (select * from (values {values}) as t({columns})) to '{file}' (format parquet)")
    place = Place("release r", file)
    assert [row.row_number for row in read_rows(place)] == [2, 3, 4, 6]
    assert [row.row_number for row in read_rows(place, Selection(reason_code="missing_key"))] == [3]
    assert read_rows(place, Selection(source="it's")) == []
    assert counts(shop.rows)[0] == ("shop", "product", "product", "bad_decimal", "", 1)
    wanted = shop.rows[2]
    assert named(shop.rows, [wanted.id, f"{wanted.batch}/{wanted.row_number}"]) == [wanted, wanted]
    with pytest.raises(ConfigError, match="is not in quarantine here"):
        named(shop.rows, ["000009-x/1"])


def test_where_nothing_was_published_or_refused_there_is_nothing_to_list(shop):
    with pytest.raises(RapportError, match="nothing was published yet"):
        place_of(shop.settings.folders)
    with pytest.raises(RapportError, match="no refused candidate"):
        place_of(shop.settings.folders, refused=True)
    with pytest.raises(ConfigError, match="allowed: nothing was published"):
        place_of(shop.settings.folders, release="r9")
    with pytest.raises(ConfigError, match="exclude each other"):
        place_of(shop.settings.folders, release="r9", refused=True)


def test_for_every_reason_there_is_something_to_do():
    suite = yaml.safe_load((EXPECTATIONS / "quarantine.yml").read_text(encoding="utf-8"))
    reasons = suite["expectations"][0]["kwargs"]["value_set"]
    assert len(reasons) > 10
    assert [reason for reason in reasons if "operations.md" in advice(reason)] == []
