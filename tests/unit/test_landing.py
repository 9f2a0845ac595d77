"""Landing: what becomes a batch, what does not, and that nothing half-done or altered is ever taken for one."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.config import Source
from pipelines.errors import ConfigError, RapportError, SourceError
from pipelines.landing.batches import list_batches, verify_batch
from pipelines.landing.ingest import check_source, ingest_source
from pipelines.sources.catalog import TableSpec

DAY = datetime(2024, 5, 1, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
LATER = DAY + timedelta(days=2)


def _spec(name, required=False, columns=("id", "name")):
    return TableSpec("generic", name, (f"{name}.*", f"{name}_*"), required, columns, None, ("id",), ("id",))


CATALOG = {"orders": _spec("orders", required=True), "people": _spec("people")}


class Place:
    """A source's folder and a landing, with what the tests do to them."""

    def __init__(self, root: Path):
        self.location, self.landing = root / "in", root / "landing"
        self.location.mkdir()

    def put(self, name, content):
        path = self.location / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def source(self, **options):
        return Source(name="crm", system="generic", kind="files", location=self.location, options=options)

    def ingest(self, as_of=DAY, progress=lambda _: None, catalog=CATALOG, **options):
        found = ingest_source(self.source(**options), self.landing, as_of, progress, catalog)
        return {table.table: table for table in found}

    def ids(self, batch):
        rows = duckdb.sql(f"select id from '{batch.rows_file}' order by _row_number").fetchall()
        return [row[0] for row in rows]

    def fails(self, expected, as_of=DAY, error=SourceError, **options):
        with pytest.raises(error) as caught:
            self.ingest(as_of, **options)
        assert expected in str(caught.value), str(caught.value)
        return str(caught.value)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


# --- What a batch holds -------------------------------------------------------------------------------------------


def test_text_and_parquet_files_of_one_table_are_landed_side_by_side(place):
    place.put("orders.csv", "id,name,extra\n1,a,x\nbad\n")
    for name, columns in [
        ("orders_2.parquet", {"name": ["b", ""], "ID": [2, None]}),
        ("orders_3.parquet", {"extra": ["y"] * 50_001, "id": ["3"] * 50_001}),
    ]:
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink)
        place.put(name, sink.getvalue().to_pybytes())
    table = place.ingest()["orders"]
    assert (table.rows, table.rejected) == (50_004, 1)
    rows = duckdb.sql(f"from '{table.batch.rows_file}' order by _row_number")
    assert rows.columns == ["id", "name", "extra", "_file", "_line", "_row_number"]
    first = rows.fetchmany(4)
    assert first == [
        ("1", "a", "x", "orders.csv", 2, 1),
        ("2", "b", None, "orders_2.parquet", 1, 3),
        (None, None, None, "orders_2.parquet", 2, 4),
        ("3", None, "y", "orders_3.parquet", 1, 5),
    ]
    assert rows.fetchall()[-1] == ("3", None, "y", "orders_3.parquet", 50_001, 50_005)


def test_a_snapshot_is_landed_as_text_with_its_place(place):
    place.put("orders.csv", 'id,name,extra\n1,"two\nlines",x\nbad\n2,,y\n')
    place.put("orders_2.csv", "name,ID\nz,3\n")
    table = place.ingest()["orders"]
    assert (table.status, table.rows, table.rejected) == ("landed", 3, 1)
    rows = duckdb.sql(f"from '{table.batch.rows_file}' order by _row_number")
    assert dict(zip(rows.columns, map(str, rows.types), strict=True)) == {
        **dict.fromkeys(("id", "name", "extra", "_file"), "VARCHAR"),
        **dict.fromkeys(("_line", "_row_number"), "BIGINT"),
    }
    assert rows.fetchall() == [
        ("1", "two\nlines", "x", "orders.csv", 2, 1),
        ("2", None, "y", "orders.csv", 5, 3),
        ("3", "z", None, "orders_2.csv", 2, 4),
    ]
    assert duckdb.sql(f"from '{table.batch.rejects_file}'").fetchall() == [
        ("orders.csv", 4, 2, "wrong_field_count", "expected 3 fields, found 1", "bad")
    ]


def test_the_manifest_says_what_was_landed(place):
    place.put("orders.csv", "id,extra\n1,x\n")
    batch = place.ingest(as_of=datetime(2024, 5, 1, 8, tzinfo=timezone(timedelta(hours=2))))["orders"].batch
    assert batch.folder == place.landing / "generic" / "crm" / "orders" / batch.batch_id
    manifest = json.loads((batch.folder / "manifest.json").read_text())
    assert batch.batch_id == f"000001-{manifest['content_hash'][:12]}"
    assert {key: manifest[key] for key in manifest if not key.endswith(("_id", "_hash", "_sha256"))} == {
        "system": "generic",
        "source": "crm",
        "table": "orders",
        "number": 1,
        "landed_at": "2024-05-01T06:00:00+00:00",
        "load": "snapshot",
        "rows": 1,
        "rejected": 0,
        "files": [
            {
                "name": "orders.csv",
                "size": 13,
                # printf 'id,extra\n1,x\n' | sha256sum
                "sha256": "3a6098c1caf1f20dd21fd4a3c705519a7d12047727a353ca86b71977eb013018",
            }
        ],
        "columns": ["id", "extra"],
        "added_columns": ["extra"],
        "missing_columns": ["name"],
        "changed_columns": {"added": [], "removed": []},
        "format": 1,
    }
    assert list_batches(place.landing) == [batch]


def test_a_header_only_file_is_a_batch_without_rows(place):
    place.put("orders.csv", "id,name\n")
    batch = place.ingest()["orders"].batch
    assert (batch.rows, batch.rejected) == (0, 0)
    assert duckdb.sql(f"select count(*) from '{batch.rows_file}'").fetchone() == (0,)
    assert duckdb.sql(f"select count(*) from '{batch.rejects_file}'").fetchone() == (0,)


def test_the_same_input_gives_the_same_bytes(tmp_path):
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        place = Place(tmp_path / name)
        place.put("orders.csv", "id,name\n1,a\n2\n")
        folder = place.ingest()["orders"].batch.folder
        contents.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert contents[0] == contents[1]
    assert set(contents[0]) == {"rows.parquet", "rejects.parquet", "manifest.json"}


def test_columns_that_come_and_go_are_recorded(place):
    place.put("orders.csv", "id,name,a\n1,x,y\n")
    place.ingest()
    place.put("orders.csv", "ID,name,b\n1,x,y\n")
    batch = place.ingest(NEXT)["orders"].batch
    assert (batch.changed_columns.added, batch.changed_columns.removed) == (("b",), ("a",))


# --- Snapshot, append, replay -------------------------------------------------------------------------------------


def test_an_unchanged_snapshot_writes_nothing(place):
    place.put("orders.csv", "id,name\n1,a\n")
    first = place.ingest()["orders"].batch
    before = sorted(place.landing.rglob("*"))
    again = place.ingest(NEXT)["orders"]
    assert (again.status, again.batch, again.rows) == ("unchanged", first, 1)
    assert sorted(place.landing.rglob("*")) == before


def test_a_snapshot_that_returns_to_an_older_content_is_a_new_batch(place):
    for as_of, content in ((DAY, "1"), (NEXT, "2"), (LATER, "1")):
        place.put("orders.csv", f"id\n{content}\n")
        place.ingest(as_of)
    batches = list_batches(place.landing)
    assert [(batch.number, place.ids(batch)) for batch in batches] == [(1, ["1"]), (2, ["2"]), (3, ["1"])]
    assert batches[0].content_hash == batches[2].content_hash


def test_reading_a_file_differently_is_a_new_batch(place):
    place.put("orders.csv", "id;name\n1;a,b\n")
    place.ingest()
    assert place.ingest(NEXT, delimiter=";")["orders"].status == "landed"


def test_a_renamed_or_recompressed_file_is_a_new_snapshot(place):
    place.put("orders.csv", "id\n1\n").rename(place.location / "orders_may.csv")
    place.ingest()
    (place.location / "orders_may.csv").rename(place.location / "orders.csv")
    assert place.ingest(NEXT)["orders"].status == "landed"


def test_append_lands_only_what_no_earlier_batch_holds(place):
    options = {"tables": {"orders": {"load": "append"}}}
    place.put("orders_1.csv", "id\n1\n")
    place.ingest(DAY, **options)
    place.put("orders_2.csv", "id\n2\n")
    place.put("orders_3.csv", "id\n1\n")
    place.put("orders_4.csv", "id\n2\n")
    second = place.ingest(NEXT, **options)["orders"]
    assert (second.status, second.batch.load, place.ids(second.batch)) == ("landed", "append", ["2"])
    assert [file.name for file in second.batch.files] == ["orders_2.csv"]
    assert place.ingest(LATER, **options)["orders"].status == "unchanged"


def test_rows_that_only_their_place_tells_apart_are_not_appended_to(place):
    lines = replace(CATALOG["orders"], key=("_row_number",), row_key=("_row_number",))
    place.put("orders.csv", "id\n1\n")
    message = place.fails("cannot be appended to", error=ConfigError, catalog={"orders": lines}, load="append")
    assert message.startswith("source crm: table orders: ")
    assert place.ingest(catalog={"orders": lines})["orders"].status == "landed"


def test_a_run_for_the_past_reads_nothing(place):
    place.put("orders.csv", "id\n1\n")
    first = place.ingest(DAY)["orders"].batch
    place.put("orders.csv", "id\n2\n")
    place.ingest(LATER)
    place.put("orders.csv", "id\n3\n")
    replay = place.ingest(NEXT)
    assert (replay["orders"].status, replay["orders"].batch) == ("replay", first)
    assert (replay["people"].status, replay["people"].batch, replay["people"].rows) == ("replay", None, 0)
    before = place.ingest(DAY - timedelta(days=1))["orders"]
    assert (before.status, before.batch) == ("replay", None)
    assert len(list_batches(place.landing)) == 2


def test_batches_are_listed_in_order_as_of_an_instant(place):
    place.put("orders.csv", "id\n1\n")
    place.put("people.csv", "id\n1\n")
    place.ingest(DAY)
    place.put("orders.csv", "id\n2\n")
    place.ingest(NEXT)
    assert [(b.table, b.number) for b in list_batches(place.landing)] == [("orders", 1), ("orders", 2), ("people", 1)]
    assert [(b.table, b.number) for b in list_batches(place.landing, DAY)] == [("orders", 1), ("people", 1)]
    assert list_batches(place.landing, DAY - timedelta(seconds=1)) == []
    assert list_batches(place.landing / "nowhere") == []


def test_an_instant_without_a_zone_is_refused(place):
    with pytest.raises(ValueError, match="time zone"):
        place.ingest(datetime(2024, 5, 1))


# --- All or nothing -----------------------------------------------------------------------------------------------


def test_one_unreadable_table_lands_nothing_of_the_source(place):
    place.put("orders.csv", "id,name\n1,a\n")
    place.put("people.csv", 'id,name\n1,"a\n')
    place.fails("table people: ")
    assert list_batches(place.landing) == []
    assert list(place.landing.iterdir()) == []


def test_a_file_written_while_it_is_read_is_an_error(place):
    path = place.put("orders.csv", "id\n1\n")

    def write_on(message):
        if "reading" in message:
            path.write_text("id\n1\n2\n")

    place.fails("was changed while it was read", progress=write_on)
    assert list_batches(place.landing) == []


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.config import Source
from pipelines.landing import ingest, store
from pipelines.sources.catalog import TableSpec

root, name, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
module = {"seal": ingest, "rename": Path}[name]
original, calls = getattr(module, name), []

def killed(*args):
    calls.append(args)
    if len(calls) == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args)

setattr(module, name, killed)
tables = ("orders", "people")
catalog = {t: TableSpec("generic", t, (t + ".*",), False, ("id",), None, ("id",), ("id",)) for t in tables}
source = Source(name="crm", system="generic", kind="files", location=root / "in")
ingest.ingest_source(source, root / "landing", datetime(2024, 5, 1, tzinfo=UTC), catalog=catalog)
"""


@pytest.mark.parametrize(("step", "call", "whole"), [("seal", 2, 0), ("rename", 1, 0), ("rename", 2, 1)])
def test_a_killed_run_leaves_only_whole_batches_and_the_next_one_finishes(place, step, call, whole):
    place.put("orders.csv", "id\n1\n")
    place.put("people.csv", "id\n2\n")
    arguments = [sys.executable, "-c", KILLED, str(place.landing.parent), step, str(call)]
    killed = subprocess.run(arguments, cwd=Path(__file__).parents[2], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    left = list_batches(place.landing)
    assert len(left) == whole
    for batch in left:
        verify_batch(batch)
    assert list(place.landing.glob(".incoming-*")) != []
    statuses = [table.status for table in place.ingest().values()]
    assert sorted(statuses) == sorted(["unchanged"] * whole + ["landed"] * (2 - whole))
    assert [(b.table, b.number, place.ids(b)) for b in list_batches(place.landing)] == [
        ("orders", 1, ["1"]),
        ("people", 1, ["2"]),
    ]
    assert list(place.landing.glob(".incoming-*")) == []


def test_landed_files_are_read_only(place):
    place.put("orders.csv", "id\n1\n")
    folder = place.ingest()["orders"].batch.folder
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}


def test_a_landing_that_cannot_be_written_is_a_message(place):
    place.put("orders.csv", "id\n1\n")
    place.landing.write_text("a file where the folder should be")
    place.fails("the landing cannot be written", error=RapportError)


# --- Damage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rows.parquet", "rejects.parquet"])
def test_an_edited_file_is_named(place, name):
    place.put("orders.csv", "id\n1\n")
    batch = place.ingest()["orders"].batch
    verify_batch(batch)
    file = batch.folder / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    with pytest.raises(RapportError, match=f"{name}: was changed after it was landed"):
        verify_batch(batch)
    file.unlink()
    with pytest.raises(RapportError, match=f"{name}: cannot be read"):
        verify_batch(batch)


@pytest.mark.parametrize("name", ["rows.parquet", "rejects.parquet", "manifest.json"])
def test_a_missing_file_of_a_batch_is_named(place, name):
    place.put("orders.csv", "id\n1\n")
    (place.ingest()["orders"].batch.folder / name).unlink()
    with pytest.raises(RapportError, match=f"{name}: is missing"):
        list_batches(place.landing)
    place.fails(f"{name}: is missing", error=RapportError)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:50],
        lambda text: "[]",
        lambda text: text.replace('"rows": 1,', ""),
        lambda text: text.replace('"format": 1', '"format": 2'),
        lambda text: text.replace("+00:00", ""),
        lambda text: text.replace('"crm"', '"erp"'),
        lambda text: text.replace('"number": 1', '"number": 2'),
    ],
)
def test_a_damaged_manifest_is_named(place, damage):
    place.put("orders.csv", "id\n1\n")
    file = place.ingest()["orders"].batch.folder / "manifest.json"
    file.chmod(0o644)
    text = file.read_text()
    assert damage(text) != text
    file.write_text(damage(text))
    with pytest.raises(RapportError, match=r"manifest\.json: "):
        list_batches(place.landing)


# --- Which files make a table -------------------------------------------------------------------------------------


def test_a_required_table_without_a_file_says_what_is_there(place):
    for number in range(12):
        place.put(f"other_{number:02d}.csv", "id\n1\n")
    message = place.fails("no file matches orders.*, orders_*")
    assert "other_00.csv" in message and "other_09.csv and 2 more" in message and "other_10" not in message


def test_an_optional_table_is_absent_until_it_was_landed_once(place):
    place.put("orders.csv", "id\n1\n")
    absent = place.ingest(DAY)["people"]
    assert (absent.status, absent.batch, absent.rows) == ("absent", None, 0)
    people = place.put("people.csv", "id\n1\n")
    place.ingest(NEXT)
    people.unlink()
    place.fails("It was there on 2024-05-02 and is missing now", LATER)


def test_a_source_without_any_table_is_an_error(place):
    place.put("notes.csv", "id\n1\n")
    with pytest.raises(SourceError, match="belongs to a table of generic"):
        place.ingest(catalog={"people": CATALOG["people"]})


def test_a_location_that_is_no_folder_is_an_error(place):
    place.location.rmdir()
    place.fails("does not exist")
    place.location.write_text("")
    place.fails("is a file, not a folder")


def test_a_table_that_the_system_does_not_have_is_a_configuration_error(place):
    message = place.fails("ordrs is not a table of generic", error=ConfigError, tables={"ordrs": {"file": "x.csv"}})
    assert "Allowed: orders, people" in message


def test_a_configured_file_is_taken_and_has_to_be_there(place):
    place.put("sub/export [1].csv", "id\n7\n")
    place.put("orders.csv", "id\n1\n")
    options = {"tables": {"orders": {"file": "sub/export [1].csv"}}}
    batch = place.ingest(**options)["orders"].batch
    assert (place.ids(batch), batch.files[0].name) == (["7"], "sub/export [1].csv")
    place.fails("no file matches nobody.csv", tables={"people": {"file": "nobody.csv"}})


@pytest.mark.parametrize("name", ["../secret.csv", "sub/../../secret.csv", "/etc/passwd", "..\\secret.csv"])
def test_a_file_name_that_leaves_the_location_is_refused(place, name):
    (place.location.parent / "secret.csv").write_text("id\n1\n")
    place.fails("leaves the location", tables={"orders": {"file": name}})


def test_a_link_that_leaves_the_location_is_refused(place):
    secret = place.location.parent / "secret.csv"
    secret.write_text("id\n1\n")
    link = place.location / "orders.csv"
    link.symlink_to(secret)
    place.fails("link to a file outside the location")
    link.unlink()
    (place.location / "away").symlink_to(place.location.parent)
    place.fails("link to a file outside", tables={"orders": {"file": "away/secret.csv"}})
    link.symlink_to(place.location / "gone.csv")
    place.fails("link to a file that does not exist")
    link.unlink()
    link.symlink_to(place.put("real.csv", "id\n1\n"))
    assert place.ingest()["orders"].rows == 1


def test_what_is_not_a_regular_file_is_refused(place):
    (place.location / "orders.csv").mkdir()
    place.fails("is a folder where a file should be")
    (place.location / "orders.csv").rmdir()
    os.mkfifo(place.location / "orders.csv")
    place.fails("is not a regular file")


def test_unknown_suffixes_are_an_error_only_where_nothing_else_matches(place):
    place.put("orders.xls", "old")
    place.fails("has a suffix that cannot be read")
    place.put("Orders.CSV", "id\n1\n")
    assert [file.name for file in place.ingest()["orders"].batch.files] == ["Orders.CSV"]


def test_hidden_and_lock_files_are_not_data(place):
    place.put("orders.csv", "id\n1\n")
    place.put("~$orders.xlsx", "lock")
    place.put(".orders.csv", "id\n2\n")
    assert place.ingest(tables={"orders": {"file": "*"}})["orders"].rows == 1


# --- Check --------------------------------------------------------------------------------------------------------


def test_check_tells_files_columns_and_strangers(place):
    place.put("orders.csv", "id,extra\n1,x\n")
    place.put("orders_2.csv", "id\n客户\n".encode("gb18030"))
    place.put("notes.txt", "hello")
    assert check_source(place.source(), CATALOG) == [
        "orders: orders.csv, orders_2.csv: 2 columns; missing: name; added: extra; "
        "read as GB18030 (set `encoding` if that is wrong)",
        "people: absent (optional; looked for people.*, people_*)",
        f"note: notes.txt in {place.location} belongs to no table of generic, and is not read",
    ]


def test_check_reports_every_table_that_cannot_be_read(place):
    place.put("orders.csv", "id,id\n")
    place.put("people.csv.gz", "id\n")
    with pytest.raises(SourceError) as caught:
        check_source(place.source(), CATALOG)
    first, second = str(caught.value).splitlines()
    assert "orders.csv: the header names id more than once" in first
    assert "people.csv.gz: is not a gzip file" in second


def test_check_reports_an_encoding_that_changes_after_the_beginning(place):
    place.put("orders.jsonl", b'{"id": "' + b"x" * 3_000 + b'"}\n' + b'{"id": "' + b"x" * 2_000_000 + b'\xff"}\n')
    with pytest.raises(SourceError, match="the text after line 1 cannot be decoded as utf-8"):
        check_source(place.source(), CATALOG)


def test_switching_from_append_to_snapshot_lands_the_whole_content(place):
    place.put("orders.csv", "id\n1\n")
    place.ingest(load="append")
    table = place.ingest(NEXT)["orders"]
    assert (table.status, table.batch.load) == ("landed", "snapshot")


def test_check_reads_only_the_beginning(place):
    place.put("orders.csv", "id\n" + "1\n" * 2_000_000 + '"unclosed')
    place.put("people.jsonl", '{"id": 1}\n' * 1_000 + '{"late": 1}\n')
    assert check_source(place.source(), CATALOG)[0] == "orders: orders.csv: 1 columns; missing: name"
    assert "late" not in check_source(place.source(), CATALOG)[1]
