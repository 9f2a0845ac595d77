"""What the reader of files makes of each format, and what it says when it cannot."""

import gzip
import hashlib
import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from pipelines.errors import SourceError
from pipelines.sources import lines
from pipelines.sources.catalog import TableSpec
from pipelines.sources.files import read_columns, read_records, resolve
from pipelines.sources.model import DataFile, Reading, Reject
from pipelines.sources.workbook import find_header

SPEC = TableSpec("shop", "t", ("t.*",), True, ("id", "name"), None, ("id",), ("id",))


def _read(tmp_path, name, content, **options):
    """Return the columns, the rows (line, values) and the rejects of a file with this content."""
    path = tmp_path / name
    path.write_bytes(content)
    file = DataFile("crm", "t", name, path)
    reading = resolve(file, Reading(**options))
    columns = read_columns(file, SPEC, reading)
    records = list(read_records(file, reading, columns))
    rejects = [record for record in records if isinstance(record, Reject)]
    return columns, [(r[0], list(r[1])) for r in records if not isinstance(r, Reject)], rejects


def _values(tmp_path, name, content, **options):
    return [values for _, values in _read(tmp_path, name, content, **options)[1]]


def _problem(tmp_path, name, content, **options):
    with pytest.raises(SourceError) as caught:
        _read(tmp_path, name, content, **options)
    message = str(caught.value)
    assert "source crm: table t: " in message and name in message
    return message


# --- CSV: values, lines and what is not a row ---------------------------------------------------------------------


def test_values_land_as_written_and_names_are_stripped(tmp_path):
    columns, rows, _ = _read(tmp_path, "t.csv", b"id , name\n 1, 007 \n")
    assert columns == ["id", "name"]
    assert rows == [(2, [" 1", " 007 "])]


def test_a_row_is_on_the_physical_line_where_it_starts(tmp_path):
    content = b'id,name\r\n1,"two\r\nlines, ""quoted"""\r\n\r\n   \r\n2,b'
    _, rows, rejects = _read(tmp_path, "t.csv", content)
    assert rows == [(2, ["1", 'two\r\nlines, "quoted"']), (6, ["2", "b"])]
    assert rejects == []


def test_lines_that_are_no_rows_are_rejected_and_the_rest_is_kept(tmp_path):
    content = b'id,name\n1,a,extra\n2,"b"x\n3\n4,d\0d\n5,e\n'
    _, rows, rejects = _read(tmp_path, "t.csv", content)
    assert rows == [(6, ["5", "e"])]
    assert [(r.line, r.reason, r.raw) for r in rejects] == [
        (2, "wrong_field_count", "1,a,extra"),
        (3, "unreadable_line", '2,"b"x'),
        (4, "wrong_field_count", "3"),
        (5, "unreadable_line", "4,d\0d"),
    ]
    assert rejects[0].detail == "expected 2 fields, found 3"


def test_the_rest_of_a_rejected_value_does_not_pass_for_a_row(tmp_path):
    _, rows, rejects = _read(tmp_path, "t.csv", b'id,name\n1,"he said "no"\nand left",x\n2,b\n3,"c"\n')
    assert [r.line for r in rejects] == [2, 3]
    assert rows == [(4, ["2", "b"]), (5, ["3", "c"])]


def test_a_row_of_empty_values_is_a_row_and_a_blank_line_is_none(tmp_path):
    assert _values(tmp_path, "t.tsv", b"id\tname\n\t\n\n") == [["", ""]]
    assert _values(tmp_path, "t.csv", b'id\n""\n\n7\n') == [[""], ["7"]]


def test_a_quote_inside_an_unquoted_value_belongs_to_it(tmp_path):
    assert _values(tmp_path, "t.csv", b'id,name\n1,24" monitor\n') == [["1", '24" monitor']]


def test_an_unclosed_quote_is_named_by_the_line_where_it_opens(tmp_path):
    message = _problem(tmp_path, "t.csv", b'id,name\n1,a\n"two\nlines","b\n3,c\n4,d\n')
    assert "opened on line 4 and never closed" in message


def test_an_unclosed_quote_in_the_last_line_is_an_error_too(tmp_path):
    assert "opened on line 2" in _problem(tmp_path, "t.csv", b'id,name\n1,"a')
    assert "opened on line 1" in _problem(tmp_path, "t.csv", b'id,"name\n1,a\n')


def test_a_row_too_long_for_memory_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LIMIT", 1_000)
    rows = b"".join(b"%d,abcdefgh\n" % number for number in range(500))
    assert len(_values(tmp_path, "t.csv", b"id,name\n" + rows)) == 500
    assert "line 2 is longer than 1,000" in _problem(tmp_path, "t.csv", b'id,name\n1,"' + rows)
    assert "line 2 is longer than 1,000" in _problem(tmp_path, "t.csv", b"id,name\n" + b"x" * 5_000)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header_outside_quotes(tmp_path, mark):
    header = f'id{mark}name{mark}"a,;\t|,;\t|"\n'
    columns, rows, _ = _read(tmp_path, "t.txt", f"{header}1{mark}x{mark}y\n".encode())
    assert columns == ["id", "name", "a,;\t|,;\t|"]
    assert rows == [(2, ["1", "x", "y"])]


def test_a_configured_delimiter_and_header_row_are_obeyed(tmp_path):
    content = b"Report, of, today\n\nid|name,first\n1|a,b\n"
    columns, rows, _ = _read(tmp_path, "t.csv", content, delimiter="|", header_row=3)
    assert (columns, rows) == (["id", "name,first"], [(4, ["1", "a,b"])])
    assert "has 4 lines" in _problem(tmp_path, "t.csv", content, header_row=9)
    assert "line 2 should be the header" in _problem(tmp_path, "t.csv", content, header_row=2)


def test_a_file_with_only_a_header_is_a_table_without_rows(tmp_path):
    assert _read(tmp_path, "t.csv", b"id,name\n") == (["id", "name"], [], [])


# --- Encodings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "gbk"])
def test_the_encoding_of_chinese_text_is_found(tmp_path, encoding):
    content = "id,name\n1,客户关系管理\n".encode(encoding)
    assert _read(tmp_path, "t.csv", content) == (["id", "name"], [(2, ["1", "客户关系管理"])], [])


def test_big_endian_utf16_is_found_by_its_mark(tmp_path):
    content = b"\xfe\xff" + "id,name\n1,é\n".encode("utf-16-be")
    assert _values(tmp_path, "t.csv", content) == [["1", "é"]]


def test_a_configured_encoding_is_obeyed(tmp_path):
    assert _values(tmp_path, "t.csv", "id,name\n1,São Paulo\n".encode("cp1252"), encoding="cp1252") == [
        ["1", "São Paulo"]
    ]
    assert _values(tmp_path, "t.csv", "\ufeffid,name\n1,喆\n".encode("gb18030"), encoding="gb18030") == [["1", "喆"]]


def test_western_text_is_not_taken_for_chinese(tmp_path):
    content = "id,name\n1,São João\n2,Conceição\n".encode("cp1252")
    content.decode("gb18030")  # It could be: that is the danger.
    message = _problem(tmp_path, "t.csv", content)
    assert f"byte {content.index(0xE3)} is not UTF-8" in message and "Set `encoding`" in message


def test_an_undecodable_byte_is_named_by_its_offset_in_the_whole_file(tmp_path):
    content = b"id,name\n" + b"1,aaaaaaaa\n" * 200_000 + b"2,\xff\xff\n"
    offset = content.index(b"\xff")
    assert offset > 2 * 1024 * 1024
    message = _problem(tmp_path, "t.csv", content)
    assert f"byte {offset} is not UTF-8, and byte {offset} is not GB18030" in message
    assert f"byte {offset} cannot be decoded as utf-8" in _problem(tmp_path, "t.csv", content, encoding="utf-8")


def test_a_character_cut_at_the_end_of_the_file_is_an_error(tmp_path):
    content = "id,name\n1,客".encode()[:-1]
    assert f"byte {len(content) - 2} cannot be decoded" in _problem(tmp_path, "t.csv", content, encoding="utf-8")


def test_an_unknown_encoding_and_utf16_without_a_mark_say_what_to_set(tmp_path):
    for name in ("klingon", "hex"):
        assert f"'{name}' is not known" in _problem(tmp_path, "t.csv", b"id\n1\n", encoding=name)
    assert "utf-16-le" in _problem(tmp_path, "t.csv", "id,name\n1,a\n".encode("utf-16-le"))


# --- Headers and files that are none ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"id,Name,NAME\n1,a,b\n", "names name more than once"),
        (b"id,,name\n1,a,b\n", "no name for column 2 of 3"),
        (b"1,2,3.5\n4,5,6\n", "all names in its first line are numbers"),
        (b"id,_row_number\n1,2\n", "_row_number, which Rapport adds"),
        (b"foo,bar\n1,2\n", "Expected: id, name. Found: foo, bar."),
        (b'id,"na"me\n1,2\n', "line 1: the header has a quote"),
    ],
)
def test_a_header_that_cannot_be_one_is_an_error(tmp_path, content, expected):
    assert expected in _problem(tmp_path, "t.csv", content)


def test_a_first_row_taken_for_a_header_does_not_show_a_persons_data(tmp_path):
    message = _problem(tmp_path, "t.csv", b"Ana,ana@example.org,+49 170 1234567\n")
    assert "ana@example.org" not in message and "1234567" not in message


def test_expected_columns_are_recognised_whatever_their_case(tmp_path):
    assert _read(tmp_path, "t.csv", b"ID,other\n1,2\n")[0] == ["ID", "other"]


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_gzip_file_is_an_error(tmp_path, kept):
    rows = "".join(f"{number},{hashlib.sha256(b'%d' % number).hexdigest()}\n" for number in range(5_000))
    whole = gzip.compress(f"id,name\n{rows}".encode())
    assert len(_values(tmp_path, "t.csv.gz", whole)) == 5_000
    assert "truncated or corrupt gzip" in _problem(tmp_path, "t.csv.gz", whole[: int(len(whole) * kept)])


def test_a_corrupt_gzip_file_is_an_error(tmp_path):
    whole = bytearray(gzip.compress(b"id,name\n" + b"1,a\n" * 1_000))
    whole[-6] ^= 1
    assert "truncated or corrupt gzip" in _problem(tmp_path, "t.csv.gz", bytes(whole))


def test_a_name_that_contradicts_the_content_is_an_error(tmp_path):
    assert "is not a gzip file" in _problem(tmp_path, "t.csv.gz", b"id,name\n")
    assert "does not end in .gz" in _problem(tmp_path, "t.csv", gzip.compress(b"id,name\n"))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(), "may not be read"),
        (FileNotFoundError(), "is missing"),
        (OSError(5, "I/O"), "cannot be read"),
    ],
)
def test_what_the_operating_system_refuses_is_a_message(tmp_path, monkeypatch, error, expected):
    def refuse(*_, **__):
        raise error

    file = DataFile("crm", "t", "t.csv", tmp_path / "t.csv")
    monkeypatch.setattr(type(file.path), "open", refuse)
    with pytest.raises(SourceError, match=expected):
        resolve(file, Reading())


# --- JSON lines ---------------------------------------------------------------------------------------------------


def test_json_lines_give_the_union_of_their_names_and_exact_numbers(tmp_path):
    content = (
        '{"id": 1, "name": "Zoë\\n", "price": 10.10}\n'
        "\n"
        '{"ID": 12.0, "big": 123456789012345678901234567890.123456789, "ok": true, "no": null, "empty": ""}\n'
        '{"id": 3, "list": [1.50, {"b": "ü", "a": null}], "name": "{}"}\n'
    )
    columns, rows, rejects = _read(tmp_path, "t.jsonl", content.encode())
    assert columns == ["id", "name", "price", "big", "ok", "no", "empty", "list"]
    assert rows == [
        (1, ["1", "Zoë\n", "10.10", None, None, None, None, None]),
        (3, ["12", None, None, "123456789012345678901234567890.123456789", "true", None, None, None]),
        (4, ["3", "{}", None, None, None, None, None, '[1.50,{"a":null,"b":"ü"}]']),
    ]
    assert rejects == []


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        ('{"id": 1', "bad_json", "is not JSON"),
        ("[1, 2]", "bad_json", "is not an object"),
        ('"id"', "bad_json", "is not an object"),
        ('{"id": 1} {"id": 2}', "bad_json", "is not JSON"),
        ('{"id": 1, "Id": 2}', "bad_json", "same name twice"),
        ('{"id": 1, "x": {"a": 1, "a": 2}}', "bad_json", "same name twice"),
        ('{"id": "a\tb"}', "bad_json", "Invalid control character"),
        ('{"id": NaN}', "bad_json", "NaN is not a number"),
        ('{"id": "\\ud800"}', "bad_json", "half of a character"),
        ('{"id": 1, " ": 2}', "bad_json", "empty name"),
        ('{"id": "a\0"}', "unreadable_line", "NUL"),
        ('{"id": ' + "[" * 100_000 + "]" * 100_000 + "}", "bad_json", "nested too deeply"),
    ],
)
def test_a_bad_json_line_is_rejected_and_the_rest_is_kept(tmp_path, line, reason, detail):
    _, rows, rejects = _read(tmp_path, "t.ndjson", f'{{"id": 1}}\n{line}\n{{"id": 2}}'.encode())
    assert rows == [(1, ["1"]), (3, ["2"])]
    assert [(r.line, r.reason, r.raw) for r in rejects] == [(2, reason, line)]
    assert detail in rejects[0].detail


def test_json_without_objects_is_an_error(tmp_path):
    assert "is empty" in _problem(tmp_path, "t.jsonl", b"\n\n")
    assert "Write one object per line" in _problem(tmp_path, "t.jsonl", b'[{"id": 1},\n{"id": 2}]\n')


# --- Parquet ------------------------------------------------------------------------------------------------------


def _parquet(**columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_parquet_values_are_rendered_canonically(tmp_path):
    content = _parquet(
        id=pa.array([2**63 - 1, None], pa.int64()),
        name=pa.array(["a\nb", ""]),
        price=pa.array([Decimal("12.50"), Decimal("0E-8")], pa.decimal128(20, 8)),
        share=pa.array([0.1, 12.0]),
        flag=pa.array([True, False]),
        day=pa.array([date(2024, 2, 29), None]),
        at=pa.array([datetime(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5, 60)], pa.timestamp("us")),
        zoned=pa.array([datetime(2024, 7, 1, 10, tzinfo=UTC), None], pa.timestamp("ms", "Europe/Berlin")),
        fine=pa.array([1_704_164_645_000_000_001, 1_704_164_645_000_000_000], pa.timestamp("ns")),
        nested=pa.array([{"b": [1, 2], "a": "x"}, None]),
        code=pa.array(["k", "k"]).dictionary_encode(),
        raw=pa.array([b"text", b"\xff\x00"]),
        clock=pa.array([time(13, 45), None], pa.time64("us")),
        span=pa.array([timedelta(days=1, hours=12), -timedelta(seconds=1)], pa.duration("s")),
    )
    columns, rows, _ = _read(tmp_path, "t.parquet", content)
    assert [line for line, _ in rows] == [1, 2]
    first, second = (dict(zip(columns, values, strict=True)) for _, values in rows)
    assert first == {
        "id": "9223372036854775807",
        "name": "a\nb",
        "price": "12.50000000",
        "share": "0.1",
        "flag": "true",
        "day": "2024-02-29",
        "at": "2024-01-02 00:00:00",
        "zoned": "2024-07-01 12:00:00+02:00",
        "fine": "2024-01-02 03:04:05.000000001",
        "nested": '{"a":"x","b":[1,2]}',
        "code": "k",
        "raw": "text",
        "clock": "13:45:00",
        "span": "36:00:00",
    }
    assert second == {
        "id": None,
        "name": None,
        "price": "0.00000000",
        "share": "12",
        "flag": "false",
        "day": None,
        "at": "2024-01-02 03:04:05.000060",
        "zoned": None,
        "fine": "2024-01-02 03:04:05",
        "nested": None,
        "code": "k",
        "raw": "\\xff00",
        "clock": None,
        "span": "-00:00:01",
    }


def test_moments_before_1970_keep_their_nanoseconds(tmp_path):
    content = _parquet(id=pa.array([-1], pa.timestamp("ns", "UTC")))
    assert _values(tmp_path, "t.parquet", content) == [["1969-12-31 23:59:59.999999999+00:00"]]


def test_parquet_can_be_compressed_and_may_have_no_rows(tmp_path):
    assert _values(tmp_path, "t.parquet.gz", gzip.compress(_parquet(id=["a", "b"]))) == [["a"], ["b"]]
    assert _read(tmp_path, "t.parquet", _parquet(id=pa.array([], pa.string()))) == (["id"], [], [])


def test_a_corrupt_parquet_file_is_an_error(tmp_path):
    whole = _parquet(id=[str(number) for number in range(1_000)])
    damaged = bytearray(whole)
    damaged[10:400] = bytes(390)
    assert "cannot be read as Parquet" in _problem(tmp_path, "t.parquet", whole[:-20])
    assert "cannot be read as Parquet" in _problem(tmp_path, "t.parquet", bytes(damaged))


# --- XLSX ---------------------------------------------------------------------------------------------------------


def _xlsx(sheets):
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for index, cells in rows.items():
                sheet.write_row(index - 1, 0, cells)
    return sink.getvalue()


def test_a_workbook_with_titles_above_the_table_is_read(tmp_path):
    content = _xlsx(
        {
            "Export": {
                1: ["Customers of 2024"],
                2: ["as of", "today"],
                4: [None, "id", "name", "price", "when"],
                5: [None, 12, "Ana", 0.1, datetime(2024, 1, 2, 3, 4, 5)],
                7: [None, "007", True, 1e16, None],
            }
        }
    )
    columns, rows, rejects = _read(tmp_path, "t.xlsx", content)
    assert columns == ["id", "name", "price", "when"]
    assert rows == [
        (5, ["12", "Ana", "0.1", "2024-01-02 03:04:05"]),
        (7, ["007", "true", "10000000000000000", None]),
    ]
    assert rejects == []


def test_the_header_is_the_first_row_with_the_most_different_names():
    assert find_header([["Title"], ["id", "name"], ["a", "b"]]) == 1
    assert find_header([["x", "x", "x"], ["id", "name", 3], ["a", "b"]]) == 1
    assert find_header([[1, 2], ["", " "]]) is None


def test_a_value_beside_the_table_rejects_its_row(tmp_path):
    content = _xlsx({"A": {1: ["id", "name"], 2: [1, "a", "stray"], 3: [2, "b"]}})
    _, rows, rejects = _read(tmp_path, "t.xlsx", content)
    assert rows == [(3, ["2", "b"])]
    assert [(r.line, r.reason, r.raw) for r in rejects] == [(2, "wrong_field_count", "1\ta\tstray")]


def test_the_sheet_is_chosen_or_asked_for(tmp_path):
    table, other = {1: ["id"], 2: ["x"]}, {1: ["notes"]}
    assert _values(tmp_path, "t.xlsx", _xlsx({"Empty": {}, "Data": table})) == [["x"]]
    assert _values(tmp_path, "t.xlsx", _xlsx({"Notes": other, "T": table})) == [["x"]]
    several = _xlsx({"Notes": other, "Data": table})
    assert _values(tmp_path, "t.xlsx", several, sheet="Data") == [["x"]]
    assert "Set `sheet`" in _problem(tmp_path, "t.xlsx", several)
    assert "has no sheet 'Dta'. It has: Notes, Data" in _problem(tmp_path, "t.xlsx", several, sheet="Dta")
    assert "is empty" in _problem(tmp_path, "t.xlsx", _xlsx({"Empty": {}}))


def test_a_configured_header_row_of_a_workbook_is_obeyed(tmp_path):
    content = _xlsx({"A": {1: ["one", "two", "three"], 2: ["id", "name"], 3: ["1", "a"]}})
    assert _values(tmp_path, "t.xlsx", content, header_row=2) == [["1", "a"]]
    assert "row 8 should be the header" in _problem(tmp_path, "t.xlsx", content, header_row=8)


def test_a_nameless_column_inside_the_table_is_an_error(tmp_path):
    content = _xlsx({"A": {1: ["id", None, "name"], 2: [1, "x", 2]}})
    assert "no name for column 2 of 3" in _problem(tmp_path, "t.xlsx", content)


@pytest.mark.parametrize("kept", [0, 10, 500])
def test_a_corrupt_workbook_is_an_error(tmp_path, kept):
    content = _xlsx({"A": {1: ["id", "name"]}})[:kept]
    assert "XLSX" in _problem(tmp_path, "t.xlsx", content)
