"""The faults that the mutation laboratory makes, each on a query small enough to read."""

import duckdb
import pytest

from pipelines.paths import EXPECTATIONS
from pipelines.quality.suites import load_suites
from tests.faults.models.catalogue import KINDS, Mutant, mutants, mutated, mutated_test
from tests.faults.models.guards import stopping
from tests.faults.models.judgement import Judgement, judgements, reason
from tests.faults.models.project import Project
from tests.faults.models.sample import sample

TYPES = {
    "orders": {"k": "VARCHAR", "ordered_on": "DATE", "shipped_on": "DATE", "amount": "INTEGER", "cost": "INTEGER"},
    "m": {"a": "INTEGER", "b": "INTEGER"},
}


def made(kind: str, sql: str) -> list[str]:
    """The SQL of every mutant of one kind, in capitals as the parser writes it."""
    return [mutated(one, sql, TYPES) for one in mutants("m", sql, TYPES) if one.kind == kind]


@pytest.mark.parametrize(
    ("kind", "sql", "expected"),
    [
        ("filter lost", "select a from t where a > 1", ["SELECT a FROM t"]),
        (
            "filter lost",
            "select count(*) filter (where a) from t where b and c",
            [
                "SELECT COUNT(*) FROM t WHERE b AND c",
                "SELECT COUNT(*) FILTER(WHERE a) FROM t WHERE c",
                "SELECT COUNT(*) FILTER(WHERE a) FROM t WHERE b",
            ],
        ),
        (
            "inner for left join",
            "select * from t left join u on t.k = u.k",
            ["SELECT * FROM t INNER JOIN u ON t.k = u.k"],
        ),
        ("left for inner join", "select * from t join u on t.k = u.k", ["SELECT * FROM t LEFT JOIN u ON t.k = u.k"]),
        (
            "fan-out join",
            "select * from t join u as v on t.k = v.k and t.d > v.d",
            [
                "SELECT * FROM t JOIN u AS v ON t.d > v.d",
                "SELECT * FROM t JOIN u AS v ON t.k = v.k",
                "SELECT * FROM t JOIN (SELECT * FROM u UNION ALL SELECT * FROM u) AS v ON t.k = v.k AND t.d > v.d",
            ],
        ),
        (
            "wrong date role",
            "with o as (select * from core.orders) select k, ordered_on from o where ordered_on > x",
            [
                "WITH o AS (SELECT * FROM core.orders) SELECT k, shipped_on AS ordered_on FROM o WHERE shipped_on > x",
                "WITH o AS (SELECT * FROM core.orders) SELECT k, shipped_on AS ordered_on FROM o WHERE ordered_on > x",
                "WITH o AS (SELECT * FROM core.orders) SELECT k, ordered_on FROM o WHERE shipped_on > x",
            ],
        ),
        ("count for count distinct", "select count(distinct a) from t", ["SELECT COUNT(a) FROM t"]),
        (
            "average of averages",
            "with s as (select k, sum(x) as a, sum(y) as b from t group by k) "
            "select cast(s.a as double) / nullif(cast(s.b as double), 0) as r from s",
            [
                "WITH s AS (SELECT k, SUM(x) AS a, SUM(y) AS b, "
                "AVG(CAST(x AS DOUBLE) / NULLIF(CAST(y AS DOUBLE), 0)) AS mean_of_ratios FROM t GROUP BY k) "
                "SELECT s.mean_of_ratios AS r FROM s"
            ],
        ),
        (
            "window without total order",
            "select row_number() over (order by a, b) from t order by a, b",
            ["SELECT ROW_NUMBER() OVER (ORDER BY a) FROM t ORDER BY a, b"],
        ),
        ("dropped (unknown)", "select coalesce(a, '(unknown)') from t", ["SELECT a FROM t"]),
        (
            "default lost",
            "select coalesce(a, b, 0), coalesce(a, '(none)') from t",
            ["SELECT COALESCE(a, b), COALESCE(a, '(none)') FROM t"],
        ),
        (
            "union changed",
            "select a from t union all select a from u",
            ["SELECT a FROM t UNION SELECT a FROM u", "SELECT a FROM t", "SELECT a FROM u"],
        ),
        (
            "group key lost",
            "select a, b, sum(c) from t group by a, b",
            ["SELECT MIN(a) AS a, b, SUM(c) FROM t GROUP BY b", "SELECT a, MIN(b) AS b, SUM(c) FROM t GROUP BY a"],
        ),
        ("distinct lost", "select distinct a from t", ["SELECT a FROM t"]),
        (
            "window partition lost",
            "select sum(x) over (partition by a, b) from t",
            ["SELECT SUM(x) OVER (PARTITION BY b) FROM t", "SELECT SUM(x) OVER (PARTITION BY a) FROM t"],
        ),
        (
            "window order reversed",
            "select lag(x) over (order by a) from t",
            ["SELECT LAG(x) OVER (ORDER BY a DESC) FROM t"],
        ),
        (
            "other aggregate",
            "select sum(a), count(b) from t",
            ["SELECT MAX(a), COUNT(b) FROM t", "SELECT SUM(a), COUNT(*) FROM t"],
        ),
        ("limit moved", "select a from t where a < 1", ["SELECT a FROM t WHERE a <= 1"]),
        ("arithmetic", "select a + b, c * d from t", ["SELECT a - b, c * d FROM t", "SELECT a + b, c FROM t"]),
        (
            "constant changed",
            "select 1, 'x', true from t",
            ["SELECT 2, 'x', TRUE FROM t", "SELECT 1, 'x~', TRUE FROM t", "SELECT 1, 'x', FALSE FROM t"],
        ),
        (
            "case branch lost",
            "select case when a then 1 else 2 end from t",
            ["SELECT 1 FROM t", "SELECT CASE WHEN a THEN 1 END FROM t"],
        ),
        (
            "columns swapped",
            "with final as (select x as a, y as b from t) select * from final",
            ["WITH final AS (SELECT y AS a, x AS b FROM t) SELECT * FROM final"],
        ),
        ("logic", "select not a from t", ["SELECT a FROM t"]),
        ("logic", "select a from t where b is null", ["SELECT a FROM t WHERE NOT b IS NULL"]),
        ("logic", "select a from t where b and c", ["SELECT a FROM t WHERE (b OR c)"]),
        ("logic", "select a in (1, 2) from t", ["SELECT a IN (2) FROM t", "SELECT a IN (1) FROM t"]),
    ],
)
def test_a_fault_changes_one_thing(kind: str, sql: str, expected: list[str]):
    assert made(kind, sql) == expected


def test_every_kind_of_fault_has_an_example():
    (mark,) = test_a_fault_changes_one_thing.pytestmark
    assert {kind for kind, _, _ in mark.args[1]} == set(KINDS)


def test_mutants_of_a_model_can_be_told_apart_and_are_always_the_same():
    total = "sum(case when a then 1 else 2 end) over (order by a, b)"
    sql = f"select coalesce(a, 0) as x, coalesce(a, 0) as y, {total} from t"
    found = mutants("m", sql, TYPES)
    assert found == mutants("m", sql, TYPES)
    assert len({(one.kind, one.what) for one in found}) == len(found) > 5
    assert len({mutated(one, sql, TYPES) for one in found}) == len(found)


def test_a_unit_test_gets_the_fault_of_the_model_and_not_of_its_fixtures():
    final = "final as (select k from {} where amount > 0) select * from final"
    sql = f"with {final.format('core.orders')}"
    fixture = "select 'A' as k, 1 as amount union all select 'B', -1 union all select 'C', null"
    test = f"with __dbt__cte__orders as ({fixture}), {final.format('__dbt__cte__orders')}"
    (lost,) = [one for one in mutants("m", sql, TYPES) if one.kind == "filter lost"]
    with duckdb.connect() as connection:
        assert connection.execute(test).fetchall() == [("A",)]
        assert len(connection.execute(mutated_test(lost, sql, test, TYPES)).fetchall()) == 3


def test_a_unit_test_whose_model_was_compiled_otherwise_is_not_guessed_at():
    (lost,) = [one for one in mutants("m", "select k from orders where k > 'A'", TYPES) if one.kind == "filter lost"]
    assert mutated_test(lost, "select k from orders where k > 'A'", "select k from orders", TYPES) is None


def test_a_sample_is_always_the_same_and_takes_kinds_and_models_in_turn():
    many = [Mutant(model, kind, n, f"{n}") for model in "ab" for kind in ("logic", "arithmetic") for n in range(50)]
    chosen = sample(many, seed=3, limit=8)
    assert chosen == sample(reversed(many), seed=3, limit=8) != sample(many, seed=4, limit=8)
    assert {(one.model, one.kind) for one in chosen[:4]} == {(m, k) for m in "ab" for k in ("logic", "arithmetic")}
    assert len(set(sample(many, seed=3, limit=1000))) == len(many)


def test_a_judgement_is_about_the_mutants_that_it_names_and_no_others():
    known = [Judgement("rpt_*", "logic", "x: COUNT(*) turned", "because")]
    assert reason(Mutant("rpt_a", "logic", 0, "x: COUNT(*) turned"), known) == "because"
    assert reason(Mutant("fct_a", "logic", 0, "x: COUNT(*) turned"), known) is None
    assert reason(Mutant("rpt_a", "arithmetic", 0, "x: COUNT(*) turned"), known) is None
    assert reason(Mutant("rpt_a", "logic", 0, "y: x: COUNT(*) turned"), known) is None
    several = [Judgement(["rpt_a", "fct_*"], "logic", "x", "because")]
    assert [reason(Mutant(model, "logic", 0, "x"), several) for model in ("rpt_a", "rpt_b", "fct_b")] == [
        "because",
        None,
        "because",
    ]


def test_every_judgement_has_a_kind_and_a_reason():
    assert all(one.reason.endswith(".") for one in judgements())


def test_the_laboratory_can_ask_every_expectation_and_knows_what_it_reads():
    guards = stopping(Project({}, {}), EXPECTATIONS)
    declared, _ = load_suites(EXPECTATIONS)
    assert {guard.name for guard in guards} == {one.name for one in declared}
    (one,) = [guard for guard in guards if guard.name == "marts.rpt_pipeline.periods_are_those_of_the_movement"]
    assert one.reads == {"rpt_pipeline", "rpt_pipeline_movement"}
