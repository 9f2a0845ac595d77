"""Laws of landing: nothing is lost, nothing is invented, and how the input is packed changes nothing."""

import contextlib
import csv
import gzip
import io
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.config import Source
from pipelines.errors import SourceError
from pipelines.landing.ingest import check_source, ingest_source
from pipelines.sources.catalog import TableSpec
from pipelines.sources.render import render

CATALOG = {"t": TableSpec("generic", "t", ("t*",), True, ("id",), None, ("id",), ("id",))}
DAY = datetime(2024, 5, 1, tzinfo=UTC)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
ROWS = st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=12)
HEADER = ("id", "name", "note")


def _land(files, **options):
    """Return the rows (values and place) and the rejects of a table that consists of these files (name -> bytes)."""
    with tempfile.TemporaryDirectory() as root:
        location = _put(Path(root), files)
        (table,) = ingest_source(_source(location, options), Path(root) / "landing", DAY, catalog=CATALOG)
        rows, rejects = pq.read_table(table.batch.rows_file), pq.read_table(table.batch.rejects_file)
        assert (rows.num_rows, rejects.num_rows) == (table.rows, table.rejected)
        return rows.to_pylist(), rejects.to_pylist()


def _put(root, files):
    location = root / "in"
    location.mkdir(exist_ok=True)
    for name, content in files.items():
        (location / name).write_bytes(content)
    return location


def _source(location, options):
    return Source(name="crm", system="generic", kind="files", location=location, options=options)


def _csv(rows, delimiter=",", end="\n"):
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *rows])
    return sink.getvalue()


def _values(rows):
    return [tuple(row[name] or "" for name in HEADER) for row in rows]


@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_as_csv_lands_as_it_was(rows, delimiter, end, encoding):
    content = _csv(rows, delimiter, end).encode(encoding)
    landed, rejects = _land({"t.csv": content}, encoding=encoding)
    assert _values(landed) == rows
    assert rejects == []
    assert [row["_row_number"] for row in landed] == list(range(1, len(rows) + 1))


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_each_row_is_found_at_the_line_it_is_said_to_be_on(rows):
    content = _csv(rows)
    lines = list(io.StringIO(content, newline=""))
    for row in _land({"t.csv": content.encode()})[0]:
        rest = csv.reader(lines[row["_line"] - 1 :])
        assert tuple(next(rest)) == tuple(row[name] or "" for name in HEADER)


@given(st.lists(st.text(st.sampled_from("ab ,\0"), max_size=8), max_size=20))
@settings(max_examples=80, deadline=None)
def test_every_line_becomes_a_row_or_a_reject(lines):
    landed, rejects = _land({"t.csv": "\n".join(["id,name,note", *lines]).encode()})
    filled = [number for number, line in enumerate(lines, 2) if line.strip()]
    assert sorted(row["_line"] for row in [*landed, *rejects]) == filled
    assert sorted(row["_row_number"] for row in [*landed, *rejects]) == list(range(1, len(filled) + 1))
    for row in landed:
        assert ",".join(row[name] or "" for name in HEADER) == lines[row["_line"] - 2]
    for reject in rejects:
        assert reject["raw"] == lines[reject["_line"] - 2]
        assert reject["raw"].count(",") != 2 or "\0" in reject["raw"]


@given(ROWS, st.integers(0, 12), st.booleans())
@settings(max_examples=40, deadline=None)
def test_splitting_and_compressing_a_table_changes_no_row(rows, at, compressed):
    second = _csv(rows[at:]).encode()
    files = {"t1.csv": _csv(rows[:at]).encode(), "t2.csv.gz" if compressed else "t2.csv": second}
    if compressed:
        files["t2.csv.gz"] = gzip.compress(second)
    landed, rejects = _land(files)
    assert _values(landed) == rows
    assert rejects == []
    assert [row["_row_number"] for row in landed] == list(range(1, len(rows) + 1))


@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=3), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_appending_lands_every_content_exactly_once(nights):
    with tempfile.TemporaryDirectory() as root:
        landed, dropped = [], 0
        for night, contents in enumerate([["first"], *nights]):
            for content in contents:
                dropped += 1
                _put(Path(root), {f"t{dropped:03d}.csv": f"id\n{content}\n".encode()})
            source = _source(Path(root) / "in", {"load": "append"})
            (table,) = ingest_source(source, Path(root) / "landing", DAY + timedelta(days=night), catalog=CATALOG)
            if table.status == "landed":
                landed += [row["id"] for row in pq.read_table(table.batch.rows_file).to_pylist()]
        assert sorted(landed) == sorted({"first", *(content for night in nights for content in night)})


@given(
    st.sampled_from(["t.csv", "t.tsv", "t.jsonl", "t.parquet", "t.xlsx", "t.csv.gz", "t.parquet.gz"]),
    st.binary(max_size=60),
    st.sampled_from(
        [b"", b"id,name\n", b'{"id": 1}\n', b"\x1f\x8b\x08\x00", b"PAR1", b"PK\x03\x04", b"\xef\xbb\xbfid\n"]
    ),
)
@settings(max_examples=250, deadline=None)
def test_any_bytes_are_read_or_refused_with_a_message(name, content, start):
    with contextlib.suppress(SourceError):
        _land({name: start + content})
    with tempfile.TemporaryDirectory() as root, contextlib.suppress(SourceError):
        check_source(_source(_put(Path(root), {name: start + content}), {}), CATALOG)


@given(st.text(st.sampled_from('a",\n\r'), max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_character_of_a_file_with_stray_quotes_disappears(text):
    """What is in rows and rejects, with quotes and separators put aside, is what was in the file."""
    try:
        landed, rejects = _land({"t.csv": f"id,name\n{text}".encode()})
    except SourceError as error:
        assert "never closed" in str(error)
        return
    kept = "".join(f"{row['id']}{row['name']}" for row in landed) + "".join(row["raw"] for row in rejects)
    assert kept.count("a") == text.count("a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, min_size=1, max_size=4) | st.dictionaries(TEXT, JSON, min_size=1, max_size=4))
def test_nested_values_keep_their_meaning(value):
    assert json.loads(render(value)) == value


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_the_order_of_names_in_an_object_does_not_matter(value):
    assert render(dict(reversed(value.items()))) == render(value)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_numbers_keep_their_value(value):
    assert type(value)(render(value)) == value
