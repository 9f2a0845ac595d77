"""Only what is proven becomes the current release, whole, and every release says exactly what it holds."""

import hashlib
import json
import shutil
import stat
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipelines.errors import ConfigError, ProofError, RapportError
from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Check, Verdict
from pipelines.releases.candidate import build_candidate, export_parquet
from pipelines.releases.catalog import current_release, list_releases, query
from pipelines.releases.database import opened
from pipelines.releases.digest import content_digest, database_facts, same_rows, table_facts
from pipelines.releases.publish import publish

PASSED = Verdict((Check("marts.sales.sound", "marts.sales", "It is so.", True, True, "0 rows", "no rows"),))


def make_warehouse(file: Path, number: int = 1) -> Path:
    """A warehouse with a table, a view that names its catalog, a ledger and what is not published."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            f"""
            create schema marts; create schema core; create schema audit; create schema meta; create schema staging;
            create table core.fct_sale (sale_id varchar, amount decimal(18, 2), sold_on date);
            insert into core.fct_sale values ('b', {number}, '2024-01-02'), ('a', 2.50, null), ('b', {number}, null);
            create view marts.sales as
                select sold_on, sum(amount) as revenue from {file.stem}.core.fct_sale group by all;
            create table audit.ledger as select 0 as difference;
            create table staging.raw as select 'not published' as secret;
            comment on table core.fct_sale is 'One row per sale; it''s the lowest grain.';
            comment on column core.fct_sale.amount is 'Amount, EUR.';
            comment on view marts.sales is 'One row per day.';
            comment on column marts.sales.revenue is 'Revenue, EUR.';
            """
        )
    return file


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    return tmp_path / "releases"


def build(releases: Path, release_id: str, number: int, verdict: Verdict) -> Path:
    warehouse = make_warehouse(releases.parent / "home" / "warehouse.duckdb", number)
    candidate = build_candidate(warehouse, releases, release_id)
    store_verdict(candidate / "marts.duckdb", verdict)
    export_parquet(candidate)
    return candidate


KEPT = tempfile.TemporaryDirectory()


@cache
def built(release_id: str, number: int) -> Path:
    """A proven candidate, built once for all tests: each works on a copy."""
    return build(Path(KEPT.name) / f"{release_id}-{number}" / "releases", release_id, number, PASSED)


def prepare(releases: Path, release_id: str = "r1", number: int = 1, verdict: Verdict = PASSED) -> Path:
    """A candidate with a verdict and Parquet files; `number` is in its content."""
    if verdict is not PASSED:
        return build(releases, release_id, number, verdict)
    candidate = releases / f".candidate-{release_id}"
    shutil.rmtree(candidate, ignore_errors=True)
    return shutil.copytree(built(release_id, number), candidate)


def release(releases: Path, number: int, keep: int = 9):
    candidate = prepare(releases, f"r{number}", number)
    return publish(candidate, releases, {"release_id": f"r{number}", "number": number}, keep)


def change(candidate: Path, sql: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{candidate / 'marts.duckdb'}' as candidate; use candidate")
        connection.execute(sql)


def refused(candidate: Path, releases: Path, manifest: dict | None = None) -> str:
    """The message of a refusal, after making sure that nothing changed for readers."""
    before = {path: path.lstat().st_mtime_ns for path in releases.iterdir() if not path.name.startswith(".")}
    link = (releases / "current").readlink() if (releases / "current").is_symlink() else None
    with pytest.raises(ProofError) as refusal:
        publish(candidate, releases, manifest or {"release_id": "r1", "number": 1}, keep=9)
    assert {path: path.lstat().st_mtime_ns for path in releases.iterdir() if not path.name.startswith(".")} == before
    assert ((releases / "current").readlink() if (releases / "current").is_symlink() else None) == link
    return str(refusal.value)


# The candidate


def test_a_candidate_holds_tables_and_views_of_the_published_schemas_as_sorted_tables(releases, tmp_path):
    candidate = build_candidate(make_warehouse(tmp_path / "warehouse.duckdb"), releases, "r1")
    assert candidate == releases / ".candidate-r1"
    assert [path.name for path in candidate.iterdir()] == ["marts.duckdb"]
    with opened(candidate / "marts.duckdb") as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        views = connection.execute("select count(*) from duckdb_views() where not internal").fetchone()
        rows = connection.execute("select sale_id, amount, sold_on::varchar from core.fct_sale").fetchall()
    assert tables == [("audit.ledger",), ("core.fct_sale",), ("marts.sales",)]
    assert views == (0,)
    assert rows == [("a", Decimal("2.50"), None), ("b", Decimal("1.00"), "2024-01-02"), ("b", Decimal("1.00"), None)]


def test_comments_are_carried_over(releases, tmp_path):
    candidate = build_candidate(make_warehouse(tmp_path / "warehouse.duckdb"), releases, "r1")
    with opened(candidate / "marts.duckdb") as connection:
        tables = connection.execute("select table_name, comment from duckdb_tables() where comment <> ''").fetchall()
        columns = connection.execute("select column_name, comment from duckdb_columns() where comment <> ''").fetchall()
    assert dict(tables) == {"fct_sale": "One row per sale; it's the lowest grain.", "sales": "One row per day."}
    assert dict(columns) == {"amount": "Amount, EUR.", "revenue": "Revenue, EUR."}


def test_a_release_opens_in_every_database_version_since_1_0(releases, tmp_path):
    candidate = build_candidate(make_warehouse(tmp_path / "warehouse.duckdb"), releases, "r1")
    header = (candidate / "marts.duckdb").read_bytes()[8:20]
    assert header[:4] == b"DUCK"
    assert int.from_bytes(header[4:12], "little") == 64  # the storage version that 0.10 introduced and 1.0 reads


def test_a_candidate_does_not_depend_on_the_order_in_which_rows_were_written(tmp_path):
    made = []
    for name, order in (("one", "a"), ("two", "a desc")):
        warehouse = tmp_path / name / "warehouse.duckdb"
        warehouse.parent.mkdir()
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("create schema marts")
            connection.execute(f"create table marts.t as select a, a % 3 as b from range(5000) t(a) order by {order}")
        candidate = build_candidate(warehouse, tmp_path / name / "releases", "r1")
        export_parquet(candidate)
        made.append((candidate / "marts.duckdb", (candidate / "parquet/marts/t.parquet").read_bytes()))
    (first, first_parquet), (second, second_parquet) = made
    with opened(first) as left, opened(second) as right:
        assert left.execute("from marts.t").fetchall() == right.execute("from marts.t").fetchall()
    assert first_parquet == second_parquet


def test_what_interrupted_runs_left_is_removed(releases, tmp_path):
    for name in (".candidate-old", ".candidate-r1", ".discarded-r0", "r0"):
        (releases / name / "parquet").mkdir(parents=True)
    (releases / ".current-r1").symlink_to("r1")
    build_candidate(make_warehouse(tmp_path / "warehouse.duckdb"), releases, "r1")
    assert sorted(path.name for path in releases.iterdir()) == [".candidate-r1", "r0"]
    assert not (releases / ".candidate-r1" / "parquet").exists()


def test_building_reads_the_warehouse_without_changing_it(releases, tmp_path):
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb")
    before = warehouse.read_bytes()
    build_candidate(warehouse, releases, "r1")
    assert warehouse.read_bytes() == before


def test_names_that_are_words_of_sql_are_copied_too(releases, tmp_path):
    warehouse = tmp_path / "my-house.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("""create schema marts; create table marts."order" as select 1 as "select", 2 as "a ""b" """)
        connection.execute("""comment on column marts."order"."a ""b" is 'x'""")
    candidate = build_candidate(warehouse, releases, "r1")
    export_parquet(candidate)
    with opened(candidate / "marts.duckdb") as connection:
        assert connection.execute("""select "select", "a ""b" from marts."order" """).fetchall() == [(1, 2)]


def test_a_warehouse_without_marts_is_nothing_to_publish(releases, tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema core; create table core.t as select 1 as a")
    with pytest.raises(ProofError, match="nothing to publish"):
        build_candidate(warehouse, releases, "r1")


def test_a_view_that_no_longer_works_is_named(releases, tmp_path):
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table core.fct_sale")
    with pytest.raises(RapportError, match=r"marts\.sales: cannot be copied"):
        build_candidate(warehouse, releases, "r1")


def test_a_warehouse_that_is_not_there_is_named(releases, tmp_path):
    with pytest.raises(RapportError, match=r"nowhere\.duckdb: there is no warehouse"):
        build_candidate(tmp_path / "nowhere.duckdb", releases, "r1")


@pytest.mark.parametrize("release_id", ["", "current", "../r1", ".hidden", "a/b", "r 1", "x" * 101])
def test_a_release_id_that_is_no_folder_name_is_refused(releases, tmp_path, release_id):
    with pytest.raises(ConfigError, match="release id"):
        build_candidate(make_warehouse(tmp_path / "warehouse.duckdb"), releases, release_id)


# The digest

TEXTS = st.one_of(st.none(), st.sampled_from(["", "NULL", "N", "1:a", ":", "a", "ab", "é", "\0"]), st.text(max_size=4))
ROWS = st.lists(st.tuples(st.one_of(st.none(), st.integers(-9, 9)), TEXTS, TEXTS), max_size=8)


@pytest.fixture(scope="module")
def memory():
    with duckdb.connect() as connection:
        yield connection


def digest_of(connection, rows, columns="n integer, a varchar, b varchar") -> str:
    connection.execute(f"create or replace table main.t ({columns})")
    if rows:
        connection.executemany("insert into main.t values (?, ?, ?)", rows)
    return content_digest(connection, "main", "t")


LAW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LAW
@given(rows=ROWS, data=st.data())
def test_the_digest_does_not_depend_on_the_order_of_rows(memory, rows, data):
    assert digest_of(memory, rows) == digest_of(memory, data.draw(st.permutations(rows)))


@LAW
@given(left=ROWS, right=ROWS)
def test_the_digest_differs_for_different_rows(memory, left, right):
    assume(sorted(map(repr, left)) != sorted(map(repr, right)))
    assert digest_of(memory, left) != digest_of(memory, right)


@pytest.mark.parametrize(
    "left, right",
    [
        ((1, "a", "bc"), (1, "ab", "c")),
        ((1, None, "a"), (1, "N", "a")),
        ((1, None, "a"), (1, "NULL", "a")),
        ((1, None, "a"), (1, "", "a")),
        ((1, None, "a"), (1, "a", None)),
        ((1, "1:a", ""), (1, "", "1:a")),
        ((1, "a1:b", "c"), (1, "a", "b1:c")),
    ],
)
def test_cells_that_read_alike_when_joined_have_different_digests(memory, left, right):
    assert digest_of(memory, [left]) != digest_of(memory, [right])


@LAW
@given(rows=ROWS.filter(bool), data=st.data())
def test_the_digest_sees_a_changed_cell_a_lost_row_and_a_doubled_row(memory, rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, 2))
    value = data.draw(st.integers(10, 19) if column == 0 else TEXTS.filter(lambda text: text != rows[place][column]))
    changed = tuple(value if position == column else cell for position, cell in enumerate(rows[place]))
    found = {
        digest_of(memory, variant)
        for variant in (rows, [*rows[:place], changed, *rows[place + 1 :]], [*rows[:place], *rows[place + 1 :]])
    }
    assert len(found | {digest_of(memory, [*rows, rows[place]])}) == 4


@LAW
@given(rows=ROWS)
def test_the_digest_sees_names_and_types_and_order_of_columns(memory, rows):
    variants = ["n integer, a varchar, b varchar", "m integer, a varchar, b varchar", "n bigint, a varchar, b varchar"]
    swapped = [(n, b, a) for n, a, b in rows]
    found = {digest_of(memory, rows, columns) for columns in variants}
    assert len(found | {digest_of(memory, swapped, "n integer, b varchar, a varchar")}) == 4


@pytest.mark.parametrize(
    "left, right",
    [
        ("['a, b']", "['a', 'b']"),
        ("[null::varchar]", "['NULL']"),
        ("{'a': 1.10::decimal(9,2)}", "{'a': 1.11::decimal(9,2)}"),
        ("'\\x00'::blob", "'\\x01'::blob"),
        ("0.1::double + 0.2", "0.3::double"),
        ("timestamptz '2024-01-01 00:00:00+00'", "timestamptz '2024-01-01 00:00:00+01'"),
        ("timestamptz 'infinity'", "timestamptz '-infinity'"),
        ("timestamptz 'infinity'", "null::timestamptz"),
        ("timestamp '2024-01-01 00:00:00.000001'", "timestamp '2024-01-01 00:00:00.000002'"),
        ("10::decimal(38,2)", "10::decimal(38,3)"),
    ],
)
def test_values_that_differ_in_any_way_have_different_digests(memory, left, right):
    found = set()
    for value in (left, right):
        memory.execute(f"create or replace table main.t as select {value} as a")
        found.add(content_digest(memory, "main", "t"))
    assert len(found) == 2


@pytest.mark.parametrize("kind", ["double", "float"])
def test_a_zero_has_no_sign(memory, kind):
    found = {}
    for value in ("0.0", "-0.0", "1e-30"):
        memory.execute(f"create or replace table main.t as select '{value}'::{kind} as a")
        found[value] = content_digest(memory, "main", "t")
    assert found["0.0"] == found["-0.0"] != found["1e-30"]


def test_the_digest_does_not_depend_on_the_time_zone_of_the_session(memory):
    memory.execute("create or replace table main.t as select timestamptz '2024-01-01 00:00:00+00' as a")
    found = set()
    for zone in ("UTC", "Asia/Shanghai"):
        memory.execute(f"set TimeZone = '{zone}'")
        found.add(content_digest(memory, "main", "t"))
    assert len(found) == 1


def test_rows_are_counted_beyond_one_chunk_and_ordered_across_chunks(memory):
    memory.execute("create or replace table main.t as select * from range(120_001) t(a)")
    first = table_facts(memory, "main", "t")
    memory.execute("create or replace table main.t as select * from range(120_001) t(a) order by a desc")
    assert table_facts(memory, "main", "t") == first
    assert first.rows == 120_001


def test_a_database_whose_bytes_have_changed_is_looked_into_again(tmp_path):
    file = tmp_path / "release.duckdb"
    found = []
    for value in (1, 2, 1):
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(f"create or replace table marts.t as select {value} as a")
        found.append(database_facts(file)["marts.t"].digest)
    assert found[0] == found[2] != found[1]
    shutil.copyfile(file, tmp_path / "copy.duckdb")
    assert database_facts(tmp_path / "copy.duckdb")["marts.t"].digest == found[2]
    assert database_facts(file, ("core",)) == {}


def are_the_same(connection, left, right) -> bool:
    columns = "n integer, a varchar, b varchar"
    for name, rows in (("left", left), ("right", right)):
        connection.execute(f'create or replace table main."{name}" ({columns})')
        if rows:
            connection.executemany(f'insert into main."{name}" values (?, ?, ?)', rows)
    kinds = [("n", "INTEGER"), ("a", "VARCHAR"), ("b", "VARCHAR")]
    return same_rows(connection, 'main."left"', 'main."right"', kinds)


@LAW
@given(rows=ROWS, data=st.data())
def test_rows_are_the_same_in_whatever_order(memory, rows, data):
    assert are_the_same(memory, rows, data.draw(st.permutations(rows)))


@LAW
@given(left=ROWS, right=ROWS)
def test_other_rows_are_not_the_same(memory, left, right):
    assume(sorted(map(repr, left)) != sorted(map(repr, right)))
    assert not are_the_same(memory, left, right)


@LAW
@given(rows=ROWS.filter(bool), data=st.data())
def test_a_row_more_or_less_or_one_for_another_is_not_the_same(memory, rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    without = [*rows[:place], *rows[place + 1 :]]
    assert not are_the_same(memory, rows, without)
    assert not are_the_same(memory, rows, [*rows, rows[place]])
    assert not are_the_same(memory, rows, [*without, (99, "x", "y")])


def test_a_table_that_is_not_there_has_no_digest(memory):
    with pytest.raises(RapportError, match=r"main\.nowhere: there is no such table"):
        content_digest(memory, "main", "nowhere")


# Publishing


def test_a_proven_candidate_becomes_the_current_release(releases):
    result = release(releases, 1)
    assert (result.release_id, result.is_new, result.switched, result.pruned) == ("r1", True, True, ())
    assert (releases / "current").readlink() == Path("r1")
    assert sorted(path.name for path in releases.iterdir()) == ["current", "r1"]
    found = current_release(releases)
    assert (found.id, found.number, found.is_current, found.folder) == ("r1", 1, True, releases / "r1")


def test_the_manifest_says_what_the_release_holds(releases):
    candidate = prepare(releases)
    given_manifest = {"release_id": "r1", "number": 1, "previous": None, "as_of": "2024-01-31T00:00:00Z"}
    publish(candidate, releases, given_manifest, keep=9)
    folder = releases / "r1"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {key: manifest[key] for key in given_manifest} == given_manifest
    assert manifest["verdict"] == {"passed": True, "checks": 1, "failed": 0}
    rows = {"core.fct_sale": 3, "marts.sales": 2, "audit.ledger": 1, "audit.verdict": 1}
    assert {name: table["rows"] for name, table in manifest["tables"].items()} == rows
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"manifest.json"}
    assert files == {"marts.duckdb", "verdict.json", *(f"parquet/{name.replace('.', '/')}.parquet" for name in rows)}
    assert manifest["files"] == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}


def test_parquet_says_the_same_as_the_database(releases):
    release(releases, 7)
    folder = releases / "current"
    with opened(folder / "marts.duckdb") as connection:
        for table in ("marts/sales", "core/fct_sale", "audit/verdict"):
            stored = connection.execute(f"from {table.replace('/', '.')}").fetchall()
            assert connection.execute(f"from '{folder}/parquet/{table}.parquet'").fetchall() == stored


def test_the_files_of_a_release_are_read_only(releases):
    release(releases, 1)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (releases / "r1").rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_types_that_parquet_does_not_have_are_published_all_the_same(releases, tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            """create schema marts; create type mood as enum ('good', 'bad');
            create table marts.t as select 12345::hugeint as h, 'bad'::mood as m, [1, null] as l, {'a': 'x'} as s,
                timestamptz '2024-01-01 00:00:00+00' as z, 0.1::double as d, time '10:30' as c, uuid() as u,
                null::date as n, 'x'::blob as b"""
        )
    candidate = build_candidate(warehouse, releases, "r1")
    store_verdict(candidate / "marts.duckdb", PASSED)
    export_parquet(candidate)
    assert publish(candidate, releases, {"release_id": "r1", "number": 1}, keep=2).is_new


def test_a_value_that_parquet_cannot_hold_is_not_published(releases, tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts; create table marts.t as select 9007199254740993::hugeint as h")
    candidate = build_candidate(warehouse, releases, "r1")
    store_verdict(candidate / "marts.duckdb", PASSED)
    export_parquet(candidate)
    assert "does not say the same as the table marts.t" in refused(candidate, releases)


def test_a_failed_check_publishes_nothing_and_keeps_the_last_release(releases):
    release(releases, 1)
    failed = Check(
        "marts.sales.sum", "marts.sales", "Sums agree.", False, True, "2 rows", "no rows", ({"a": "secret"},)
    )
    candidate = prepare(releases, "r2", 2, Verdict((*PASSED.checks, failed)))
    message = refused(candidate, releases, {"release_id": "r2", "number": 2})
    assert message.splitlines() == [
        "1 of 2 checks failed; nothing was published.",
        "  marts.sales.sum: Sums agree. (found 2 rows)",
    ]
    assert current_release(releases).id == "r1"


def test_a_check_without_an_answer_publishes_nothing(releases):
    unanswered = Check("marts.x.is_covered", "marts.x", "It is checked.", False, False, error="no expectations")
    message = refused(prepare(releases, verdict=Verdict((*PASSED.checks, unanswered))), releases)
    assert "no answer: no expectations" in message


def test_a_check_that_claims_to_have_passed_without_an_answer_publishes_nothing(releases):
    strange = Check("marts.x.a", "marts.x", "It is so.", True, False)
    assert "1 of 1 checks failed" in refused(prepare(releases, verdict=Verdict((strange,))), releases)


def test_a_refusal_names_ten_checks_and_counts_the_rest(releases):
    checks = tuple(Check(f"marts.t.c{n:02}", "marts.t", "It is so.", False, True, str(n)) for n in range(12))
    lines = refused(prepare(releases, verdict=Verdict(checks)), releases).splitlines()
    assert lines[0] == "12 of 12 checks failed; nothing was published."
    assert len(lines) == 12
    assert lines[-1] == "  ... and 2 more."


def test_a_verdict_without_checks_publishes_nothing(releases):
    assert "no checks" in refused(prepare(releases, verdict=Verdict(())), releases)


def test_a_candidate_that_was_not_judged_is_not_published(releases, tmp_path):
    candidate = build_candidate(make_warehouse(tmp_path / "warehouse.duckdb"), releases, "r1")
    export_parquet(candidate)
    assert "there is no verdict" in refused(candidate, releases)


DAMAGES = {
    "a write-ahead log": (lambda c: (c / "marts.duckdb.wal").touch(), "was not closed"),
    "a missing file of the verdict": (lambda c: (c / "verdict.json").unlink(), "there is no verdict"),
    "a verdict table that differs": (lambda c: change(c, "update audit.verdict set observed = 'x'"), "do not agree"),
    "a changed value": (
        lambda c: change(c, "update core.fct_sale set amount = 3 where sale_id = 'a'"),
        "core.fct_sale is not what was judged",
    ),
    "a new table": (lambda c: change(c, "create table marts.new as select 1 as a"), "marts.new is not what was judged"),
    "a lost table": (lambda c: change(c, "drop table audit.ledger"), "audit.ledger is not what was judged"),
    "a missing Parquet file": (lambda c: (c / "parquet/marts/sales.parquet").unlink(), "lacks parquet/marts/sales"),
    "a file nobody knows": (lambda c: (c / "notes.csv").write_text("a"), "holds notes.csv"),
    "a Parquet file of another table": (
        lambda c: (c / "parquet/marts/sales.parquet").write_bytes((c / "parquet/audit/ledger.parquet").read_bytes()),
        "does not say the same as the table marts.sales",
    ),
    "a Parquet file that is none": (
        lambda c: (c / "parquet/marts/sales.parquet").write_text("x"),
        "cannot be verified",
    ),
    "a database that is none": (lambda c: (c / "marts.duckdb").write_text("x"), "no readable audit.verdict"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_candidate_is_not_published(releases, kind):
    damage, message = DAMAGES[kind]
    candidate = prepare(releases)
    damage(candidate)
    assert message in refused(candidate, releases)


def test_a_parquet_file_of_yesterday_is_not_published(releases):
    candidate = prepare(releases, number=1)
    stale = (candidate / "parquet/core/fct_sale.parquet").read_bytes()
    candidate = prepare(releases, number=2)
    (candidate / "parquet/core/fct_sale.parquet").write_bytes(stale)
    assert "core/fct_sale.parquet: does not say the same" in refused(candidate, releases)


def test_digests_that_the_manifest_claims_have_to_be_true(releases):
    candidate = prepare(releases)
    facts = database_facts(candidate / "marts.duckdb")
    claimed = {name: {"digest": found.digest} for name, found in facts.items()}
    wrong = {**claimed, "marts.sales": {"digest": "0" * 64}}
    manifest = {"release_id": "r1", "number": 1}
    assert "marts.sales is not what the manifest says" in refused(candidate, releases, {**manifest, "tables": wrong})
    assert "have no digests" in refused(candidate, releases, {**manifest, "tables": {"marts.sales": 1}})
    assert publish(candidate, releases, {**manifest, "tables": claimed}, keep=9).is_new


def test_the_same_release_again_only_switches_the_link(releases):
    release(releases, 1)
    release(releases, 2)
    before = (releases / "r1" / "manifest.json").read_bytes()
    result = release(releases, 1)
    assert (result.is_new, result.switched) == (False, True)
    assert current_release(releases).id == "r1"
    assert (releases / "r1" / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in releases.iterdir()) == ["current", "r1", "r2"]
    assert release(releases, 1).switched is False


def test_a_verdict_in_other_words_is_still_the_same_content(releases):
    release(releases, 1)
    other = Verdict((Check("marts.sales.drift", "marts.sales", "No drift.", True, True, "0 rows"),))
    assert (
        publish(prepare(releases, verdict=other), releases, {"release_id": "r1", "number": 1}, keep=9).is_new is False
    )


def test_the_same_inputs_with_different_content_are_refused(releases):
    release(releases, 1)
    message = refused(prepare(releases, "r1", number=2), releases)
    assert "the same inputs gave different content in core.fct_sale, marts.sales" in message
    assert current_release(releases).id == "r1"


def test_the_oldest_releases_beyond_keep_are_removed(releases):
    results = [release(releases, number, keep=2) for number in (9, 10, 11, 12)]
    assert [result.pruned for result in results] == [(), (), ("r9",), ("r10",)]
    assert [(found.id, found.is_current) for found in list_releases(releases)] == [("r12", True), ("r11", False)]


def test_the_current_release_is_never_removed_even_if_it_is_the_oldest(releases):
    for number in (1, 2, 3, 4):
        release(releases, number)
    result = release(releases, 1, keep=1)
    assert result.pruned == ("r2", "r3")
    assert [found.id for found in list_releases(releases)] == ["r4", "r1"]  # r4 was current a moment ago


def test_a_folder_that_is_no_release_is_left_for_a_person(releases):
    (releases / "backup").mkdir(parents=True)
    for number in (1, 2, 3):
        release(releases, number, keep=1)
    assert sorted(path.name for path in releases.iterdir()) == ["backup", "current", "r2", "r3"]


@pytest.mark.parametrize(
    "manifest, keep, message",
    [
        ({"number": 1}, 2, "release id ''"),
        ({"release_id": "r1"}, 2, "number: found None"),
        ({"release_id": "r1", "number": "1"}, 2, "number: found '1'"),
        ({"release_id": "r1", "number": True}, 2, "number: found True"),
        ({"release_id": "r2", "number": 1}, 2, "not the candidate of release r2"),
        ({"release_id": "r1", "number": 1}, 0, "keep: found 0"),
    ],
)
def test_arguments_that_do_not_fit_publish_nothing(releases, manifest, keep, message):
    candidate = prepare(releases)
    with pytest.raises(ConfigError, match=message):
        publish(candidate, releases, manifest, keep)
    assert [path.name for path in releases.iterdir()] == [".candidate-r1"]


def test_a_link_that_leads_nowhere_is_repaired_by_the_next_release(releases):
    release(releases, 1)
    (releases / "current").unlink()
    (releases / "current").symlink_to("gone")
    assert release(releases, 2).switched
    assert current_release(releases).id == "r2"


def test_a_folder_in_the_place_of_the_link_stops_publication(releases):
    (releases / "current").mkdir(parents=True)
    with pytest.raises(RapportError, match="is not a link; nothing was published"):
        release(releases, 1)
    assert not (releases / "r1").exists()


# Looking


def test_nothing_published_is_no_error_until_somebody_asks_for_it(releases):
    assert current_release(releases) is None
    assert list_releases(releases) == []
    with pytest.raises(RapportError, match="nothing was published yet"):
        query(releases, "select 1")


def test_releases_are_listed_by_number_newest_first(releases):
    for number in (8, 9, 10):
        release(releases, number)
    release(releases, 9)
    found = list_releases(releases)
    assert [(one.id, one.number) for one in found] == [("r10", 10), ("r9", 9), ("r8", 8)]
    assert [one.is_current for one in found] == [False, True, False]


def test_a_candidate_is_not_in_the_list(releases):
    release(releases, 1)
    prepare(releases, "r2", 2)
    assert [found.id for found in list_releases(releases)] == ["r1"]


@pytest.mark.parametrize("target", ["gone", "..", "/"])
def test_a_link_that_leads_to_no_release_is_an_error_for_a_person(releases, target):
    release(releases, 1)
    (releases / "current").unlink()
    (releases / "current").symlink_to(target)
    for look in (current_release, list_releases, lambda folder: query(folder, "select 1")):
        with pytest.raises(RapportError, match="is not a release"):
            look(releases)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"release_id": "r1"}', '{"release_id": "r2", "number": 1}'])
def test_a_manifest_that_cannot_be_read_is_an_error_for_a_person(releases, text):
    release(releases, 1)
    manifest = releases / "r1" / "manifest.json"
    manifest.unlink()
    manifest.write_text(text)
    for look in (current_release, list_releases):
        with pytest.raises(RapportError, match=r"manifest\.json.*(Restore|remove)"):
            look(releases)


def test_a_query_reads_the_current_release(releases):
    release(releases, 1)
    release(releases, 2)
    columns, rows = query(releases, "select sale_id, amount from core.fct_sale where amount <> 2.5 limit 1")
    assert (columns, rows) == (["sale_id", "amount"], [("b", Decimal("2.00"))])


@pytest.mark.parametrize(
    "sql",
    [
        "selct 1",
        "select * from marts.nowhere",
        "create table marts.x as select 1 as a",
        "delete from core.fct_sale",
        "copy core.fct_sale to '{out}'",
        "attach '{out}' as other",
        "export database '{out}'",
        "select * from read_text('/etc/hosts')",
        "set enable_external_access = true",
        "set threads = 1",
    ],
)
def test_a_query_can_change_nothing_and_reach_no_file(releases, tmp_path, sql):
    release(releases, 1)
    before = (releases / "r1" / "marts.duckdb").read_bytes()
    with pytest.raises(ConfigError, match=r"cannot be answered: .+"):
        query(releases, sql.format(out=tmp_path / "out"))
    assert (releases / "r1" / "marts.duckdb").read_bytes() == before
    assert not (tmp_path / "out").exists()
