"""A candidate is judged by every expectation, and what has no answer has failed."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import ProofError
from pipelines.quality.judge import import_evaluate, judge
from pipelines.quality.results import raised, to_check
from pipelines.quality.store import read_verdict, store_verdict
from pipelines.quality.suites import Declared, load_suites
from pipelines.quality.verdict import Check, Verdict

TABLES = """
    create schema marts; create schema core; create schema audit; create schema meta;
    create table marts.sales as select * from (values
        (date '2024-01-01', 'north', 10.50::decimal(18,2)), (date '2024-01-01', 'south', -2.25),
        (date '2024-02-01', 'north', 4.00)) as t(month, region, revenue);
    create table marts.monthly as select month, sum(revenue)::decimal(18,2) as revenue from marts.sales group by month;
    create table audit.ledger as select 'orders' as entity, 0 as difference;
    create table core.dim as select 1 as id; create table meta.metrics as select 'revenue' as name;
"""


def expect(kind: str, says: str = "It is so.", name: str | None = None, **kwargs) -> dict:
    entry = {"type": kind, "kwargs": kwargs, "says": says}
    return entry if name is None else {**entry, "name": name}


def no_rows(query: str, **more) -> dict:
    return expect("unexpected_rows_expectation", unexpected_rows_query=query, **more)


GOOD = {
    "marts.sales": [expect("expect_column_values_to_not_be_null", column="month")],
    "marts.monthly": [expect("expect_column_values_to_be_unique", column="month")],
    "audit.ledger": [expect("expect_column_values_to_be_in_set", column="difference", value_set=[0])],
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path / "candidate" / "marts.duckdb")


def make_database(file: Path, tables: str = TABLES) -> Path:
    file.parent.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as made; use made")
        connection.execute(tables)
    return file


def write_suites(folder: Path, suites: dict[str, list[dict]]) -> Path:
    folder.mkdir()
    for table, expectations in suites.items():
        text = yaml.safe_dump({"table": table, "expectations": expectations})
        (folder / f"{table.split('.')[1]}.yml").write_text(text)
    return folder


def by_name(verdict: Verdict) -> dict[str, Check]:
    assert len({check.name for check in verdict.checks}) == len(verdict.checks)
    return {check.name: check for check in verdict.checks}


def test_a_candidate_that_meets_every_expectation_passes(database, tmp_path, capsys):
    verdict = judge(database, write_suites(tmp_path / "suites", GOOD))
    assert verdict.passed
    assert [check.name for check in verdict.checks] == [
        "audit.ledger.expect_column_values_to_be_in_set.difference",
        "marts.monthly.expect_column_values_to_be_unique.month",
        "marts.sales.expect_column_values_to_not_be_null.month",
    ]
    assert verdict.checks[0].says == "It is so."
    assert capsys.readouterr() == ("", "")


def test_failed_checks_show_what_was_found_and_the_whole_rows(database, tmp_path):
    suites = {
        **GOOD,
        "marts.sales": [
            expect("expect_column_values_to_be_between", column="revenue", min_value=0),
            expect("expect_table_row_count_to_equal", value=4),
            no_rows("select s.region from {batch} as s where s.revenue < 0"),
        ],
    }
    verdict = judge(database, write_suites(tmp_path / "suites", suites))
    between, count, query = verdict.failed
    assert not verdict.passed
    assert all(check.evaluated for check in verdict.failed)
    assert between.observed == "1 of 3 values unexpected"
    assert [(row["region"], row["revenue"]) for row in between.rows] == [("south", Decimal("-2.25"))]
    assert "min_value: 0" in between.expected
    assert (count.observed, "value: 4" in count.expected) == ("3", True)
    assert (query.observed, query.rows) == ("1 rows", ({"region": "south"},))


def test_at_most_twenty_rows_are_shown_and_all_are_counted(tmp_path):
    file = make_database(
        tmp_path / "c" / "marts.duckdb", "create schema marts; create table marts.many as from range(500)"
    )
    suites = {
        "marts.many": [
            no_rows("select * from {batch}"),
            expect("expect_column_values_to_be_in_set", column="range", value_set=[-1]),
        ]
    }
    verdict = judge(file, write_suites(tmp_path / "suites", suites))
    assert [(check.observed, len(check.rows)) for check in verdict.checks] == [
        ("500 of 500 values unexpected", 20),
        ("500 rows", 20),
    ]


def test_a_query_can_compare_two_tables(database, tmp_path):
    query = """
        select month, m.revenue, s.revenue from {batch} as m
        full join (select month, sum(revenue) as revenue from marts.sales group by month) as s using (month)
        where m.revenue is distinct from s.revenue
    """
    suites = write_suites(tmp_path / "suites", {**GOOD, "marts.monthly": [no_rows(query)]})
    assert judge(database, suites).passed
    with duckdb.connect(str(database)) as connection:
        (name,) = connection.execute("select current_database()").fetchone()
        connection.execute(f"update {name}.marts.monthly set revenue = revenue + 0.01 where month = '2024-02-01'")
    (failed,) = judge(database, suites).failed
    assert failed.subject == "marts.monthly"
    assert failed.observed == "1 rows"


BROKEN = {
    "unknown type": (expect("expect_miracles"), "expect_miracles not found"),
    "misspelt argument": (
        expect("expect_column_values_to_be_in_set", column="region", valueset=["north"]),
        "value_set: field required; valueset: extra fields not permitted",
    ),
    "missing column": (expect("expect_column_values_to_not_be_null", column="nowhere"), '"nowhere"'),
    "metric that cannot be computed": (
        expect("expect_column_mean_to_be_between", column="region", min_value=0),
        "No function matches",
    ),
    "unsupported on this database": (
        expect("expect_column_values_to_match_regex", column="region", regex="n.*"),
        "Regex is not supported",
    ),
    "query with a mistake": (no_rows("select nowhere from {batch}"), '"nowhere" not found'),
    "query that fails while it runs": (no_rows("select cast(region as int) from {batch}"), "Conversion Error"),
    "query that writes": (no_rows("create table marts.more as select 1"), "read-only"),
    "query of another file": (no_rows("select * from read_csv('/etc/hosts')"), "disabled"),
    "malformed braces": (no_rows("select '{' from {batch}"), "brace"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> dict[str, Check]:
    """One expectation that holds, after ten that have no answer, all of one table."""
    folder = tmp_path_factory.mktemp("broken")
    entries = [{**entry, "name": key.replace(" ", "_")} for key, (entry, _) in BROKEN.items()]
    sound = expect("expect_column_values_to_not_be_null", column="region", name="sound")
    suites = write_suites(folder / "suites", {**GOOD, "marts.sales": [*entries, sound]})
    return by_name(judge(make_database(folder / "candidate" / "marts.duckdb"), suites))


@pytest.mark.parametrize("kind", BROKEN)
def test_an_expectation_without_an_answer_fails_and_says_why(broken, kind):
    check = broken[f"marts.sales.{kind.replace(' ', '_')}"]
    assert (check.passed, check.evaluated) == (False, False)
    assert BROKEN[kind][1] in check.error
    assert "Traceback" not in check.error


def test_a_broken_expectation_takes_no_other_with_it(broken):
    assert broken["marts.sales.sound"].is_proof


UNUSABLE = {
    "not YAML": ("table: [", "cannot be read as YAML"),
    "not a mapping": ("- 1", "exactly the keys table and expectations"),
    "no expectations": ("table: marts.sales\nexpectations: []", "none for marts.sales"),
    "unknown key": ("table: marts.sales\nexpectations: []\nmostly: 0.5", "exactly the keys"),
    "no schema": ("table: sales\nexpectations: [{type: a, says: b}]", "expected schema.table"),
    "not text": (b"\xff\xfe\x00", "cannot be read"),
    "expectation without a meaning": (
        "table: marts.sales\nexpectations: [{type: a}]",
        "expectation 1: says: is missing",
    ),
    "expectation with unknown keys": (
        "table: marts.sales\nexpectations: [{type: a, says: b, mostly: 1}]",
        "unknown keys: mostly",
    ),
    "expectation that is a word": ("table: marts.sales\nexpectations: [a]", "found str"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_suite_that_cannot_be_used_is_a_failed_check(tmp_path, kind):
    content, message = UNUSABLE[kind]
    suites = write_suites(tmp_path / "suites", GOOD)
    (suites / "broken.yml").write_bytes(content if isinstance(content, bytes) else content.encode())
    declared, problems = load_suites(suites)
    assert len(declared) == 3
    (problem,) = problems
    assert (problem.passed, problem.evaluated, problem.subject) == (False, False, "broken.yml")
    assert message in problem.error


def test_no_suites_at_all_prove_nothing(database, tmp_path):
    for folder in (tmp_path / "nowhere", write_suites(tmp_path / "empty", {})):
        verdict = judge(database, folder)
        assert not verdict.passed
        assert "no file of expectations" in by_name(verdict)["suites"].error


def test_a_suite_of_a_table_that_is_missing_fails(database, tmp_path):
    suites = {**GOOD, "marts.gone": [expect("expect_table_row_count_to_equal", value=0)]}
    (failed,) = judge(database, write_suites(tmp_path / "suites", suites)).failed
    assert (failed.subject, failed.evaluated) == ("marts.gone", False)
    assert "has no table marts.gone" in failed.error


def test_marts_and_ledgers_without_expectations_fail_and_other_schemas_need_none(database, tmp_path):
    store_verdict(database, Verdict(()))
    suites = write_suites(tmp_path / "suites", {"marts.sales": GOOD["marts.sales"]})
    failed = judge(database, suites).failed
    assert {check.subject: check.evaluated for check in failed} == {"audit.ledger": False, "marts.monthly": False}
    assert failed[0].error == "no expectations for audit.ledger: write suites/ledger.yml."


def test_a_database_that_cannot_be_read_is_a_failed_check(tmp_path):
    suites = write_suites(tmp_path / "suites", GOOD)
    (tmp_path / "text.duckdb").write_text("this is no database" * 1000)
    for file in (tmp_path / "nowhere.duckdb", tmp_path / "text.duckdb"):
        verdict = judge(file, suites)
        assert [(check.name, check.evaluated) for check in verdict.checks] == [("candidate", False)]
        assert file.name in verdict.checks[0].error


DRIFT = no_rows("""
    select month, now.revenue, before.revenue from {batch} as now join previous.marts.monthly as before using (month)
    where now.revenue <> before.revenue
""")


def test_the_last_release_can_be_compared(database, tmp_path):
    suites = write_suites(tmp_path / "suites", {**GOOD, "marts.monthly": [DRIFT]})
    changed = TABLES.replace("4.00", "5.00")
    same, other = tmp_path / "same" / "marts.duckdb", tmp_path / "other" / "marts.duckdb"
    make_database(same)
    make_database(other, changed)
    assert judge(database, suites, same.parent).passed
    (failed,) = judge(database, suites, other.parent).failed
    assert failed.observed == "1 rows"


def test_what_the_last_release_did_not_have_is_empty(database, tmp_path):
    queries = [
        no_rows("select * from previous.marts.sales where region is not null"),
        no_rows("select 1 from previous.marts.sales having count(*) <> 1", name="the_row_was_there"),
        no_rows("select * from previous.marts.monthly"),
    ]
    suites = write_suites(tmp_path / "suites", {**GOOD, "marts.sales": queries})
    old = make_database(
        tmp_path / "old" / "marts.duckdb", "create schema marts; create table marts.sales as select 1.5 as revenue"
    )
    assert judge(database, suites, old.parent).passed
    assert [check.name for check in judge(database, suites).failed] == ["marts.sales.the_row_was_there"]


def test_a_last_release_that_cannot_be_read_fails(database, tmp_path):
    verdict = judge(database, write_suites(tmp_path / "suites", GOOD), tmp_path / "nowhere")
    assert "nowhere" in by_name(verdict)["candidate"].error


def test_judging_changes_nothing_and_lets_go_of_the_file(database, tmp_path):
    before = database.read_bytes()
    judge(database, write_suites(tmp_path / "suites", GOOD))
    assert database.read_bytes() == before
    assert [file.name for file in database.parent.iterdir()] == ["marts.duckdb"]
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table core.more as select 1 as id")


def test_great_expectations_is_imported_only_when_there_is_something_to_evaluate():
    code = "import sys, pipelines.quality.judge, pipelines.quality.store; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_spark_beside_great_expectations_does_not_end_the_run(database, tmp_path):
    """Great Expectations imports Spark where it is installed, and an incomplete Spark leaves with exit code 0."""
    spark = tmp_path / "installed" / "pyspark"
    spark.mkdir(parents=True)
    (spark / "__init__.py").write_text("raise SystemExit(0)")
    suites = write_suites(tmp_path / "suites", GOOD)
    code = f"""
import sys
sys.path.insert(0, {str(spark.parent)!r})
from pathlib import Path
from pipelines.quality.judge import judge
verdict = judge(Path({str(database)!r}), Path({str(suites)!r}))
assert len(verdict.checks) > 1 and verdict.passed, verdict
assert "pyspark" not in sys.modules
sys.exit(3)
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 3


def test_names_are_unique_and_do_not_depend_on_other_files(tmp_path):
    twice = [expect("expect_column_values_to_not_be_null", column="month")] * 2
    shape = [expect("expect_table_columns_to_match_ordered_list", column_list=["month", "region"])]
    pair = [*shape, expect("expect_compound_columns_to_be_unique", column_list=["month", "region"])]
    alone, _ = load_suites(write_suites(tmp_path / "one", {"marts.sales": [*twice, *pair]}))
    among, _ = load_suites(write_suites(tmp_path / "two", {"audit.a": twice, "marts.sales": [*twice, *pair]}))
    names = [one.name for one in alone]
    assert names == [
        "marts.sales.expect_column_values_to_not_be_null.month",
        "marts.sales.expect_column_values_to_not_be_null.month.2",
        "marts.sales.expect_table_columns_to_match_ordered_list",
        "marts.sales.expect_compound_columns_to_be_unique.month_region",
    ]
    assert [one.name for one in among if one.table == "marts.sales"] == names


@pytest.mark.filterwarnings("ignore:.*schema_name:DeprecationWarning")
def test_the_engine_override_is_still_needed_and_still_works(database):
    """If the first half fails after an upgrade, OneConnectionEngine can go; if the second does, it must be repaired."""
    gx = import_evaluate().gx
    from pipelines.quality.engine import CandidateDatasource, OneConnectionEngine

    assert gx.__version__ == "1.24.1"
    context = gx.get_context(mode="ephemeral")
    expectation = gx.expectations.ExpectColumnValuesToNotBeNull(column="id")

    def answer(source):
        asset = source.add_table_asset("dim", table_name="dim", schema_name="core")
        return asset.get_batch(asset.build_batch_request()).validate(expectation)

    stock = context.data_sources.add_sql(name="stock", connection_string=f"duckdb:///{database}")
    assert any("list index out of range" in message for message in raised(answer(stock).exception_info))
    stock.get_execution_engine().close()
    stock.get_engine().dispose()

    with duckdb.connect(str(database)) as connection:
        ours = context.data_sources.add_rapport_candidate(name="ours")
        assert isinstance(ours, CandidateDatasource)
        ours.use(connection)
        assert answer(ours).success is True
        assert isinstance(ours.get_execution_engine(), OneConnectionEngine)
        ours.close()


DECLARED = Declared("marts.sales.check", "marts.sales", "expect_something", {"column": "a"}, "It is so.")


class Answer:
    """What Great Expectations could answer, right or wrong."""

    def __init__(self, success, exception_info, result=None):
        self.success, self.exception_info, self.result = success, exception_info, result


@pytest.mark.parametrize(
    "info",
    [
        {"raised_exception": True, "exception_message": "boom", "exception_traceback": "Traceback"},
        {"metric 1": {"raised_exception": False}, "metric 2": {"raised_exception": True, "exception_message": "boom"}},
        {"outer": {"inner": {"raised_exception": True, "exception_message": "boom"}}},
    ],
)
def test_an_exception_is_a_failure_however_deep_and_whatever_success_says(info):
    check = to_check(DECLARED, Answer(True, info))
    assert (check.passed, check.evaluated, check.error) == (False, False, "boom")


@pytest.mark.parametrize("success", [None, 1, "true"])
def test_only_true_is_a_success(success):
    assert not to_check(DECLARED, Answer(success, {"raised_exception": False})).passed


def test_an_expectation_that_is_not_answered_fails():
    assert not to_check(DECLARED, None).evaluated


def a_check(
    passed: bool = True, evaluated: bool = True, name: str = "marts.sales.a", error: str | None = None
) -> Check:
    return Check(name, "marts.sales", "It is so.", passed, evaluated, "1", "1", error=error)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from([None, "boom"]))))
def test_a_verdict_passes_only_if_there_are_checks_and_each_is_a_proof(outcomes):
    verdict = Verdict(tuple(a_check(p, e, error=error) for p, e, error in outcomes))
    assert verdict.passed == (bool(outcomes) and all(o == (True, True, None) for o in outcomes))


def test_a_stored_verdict_is_read_back_as_it_was(database):
    verdict = Verdict((a_check(), a_check(False, name="marts.sales.b"), a_check(False, False, "suite.x.yml", "boom")))
    file = store_verdict(database, verdict)
    found, judged = read_verdict(database.parent)
    assert file == database.parent / "verdict.json"
    assert sorted(found.checks, key=lambda c: c.name) == sorted(verdict.checks, key=lambda c: c.name)
    assert set(judged) == {"marts.sales", "marts.monthly", "audit.ledger", "core.dim", "meta.metrics"}
    assert not database.with_name("marts.duckdb.wal").exists()


def test_a_new_verdict_replaces_the_old_one(database):
    store_verdict(database, Verdict((a_check(),)))
    store_verdict(database, Verdict((a_check(False, name="marts.sales.b"),)))
    found, judged = read_verdict(database.parent)
    assert [check.name for check in found.checks] == ["marts.sales.b"]
    assert "audit.verdict" not in judged


def test_failing_rows_keep_their_exact_values_in_the_file(database):
    row = {"amount": Decimal("0.10"), "share": 0.5, "name": None, "count": 3, "parts": (Decimal("1.0"),)}
    file = store_verdict(database, Verdict((Check("a", "b", "c", False, True, rows=(row,)),)))
    assert json.loads(file.read_text())["checks"][0]["rows"] == [
        {"amount": "0.10", "share": "0.5", "name": None, "count": 3, "parts": ["1.0"]}
    ]


@pytest.mark.parametrize(
    "damage",
    [
        "delete from {v}",
        "update {v} set passed = false",
        "update {v} set says = 'It is not so.'",
        "insert into {v} from {v}",
        "drop table {v}",
    ],
)
def test_a_table_and_a_file_that_differ_are_no_verdict(database, damage):
    store_verdict(database, Verdict((a_check(),)))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as candidate")
        connection.execute(damage.format(v="candidate.audit.verdict"))
    with pytest.raises(ProofError, match=r"agree|no readable audit\.verdict"):
        read_verdict(database.parent)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"passed": true, "checks": [{}], "judged": {}}'])
def test_a_file_that_is_no_verdict_is_refused(database, text):
    store_verdict(database, Verdict((a_check(),))).write_text(text)
    with pytest.raises(ProofError, match=r"verdict\.json"):
        read_verdict(database.parent)


def test_a_file_that_only_claims_to_have_passed_is_refused(database):
    file = store_verdict(database, Verdict((a_check(False),)))
    file.write_text(file.read_text().replace('"passed": false', '"passed": true'))
    with pytest.raises(ProofError, match="do not agree"):
        read_verdict(database.parent)
