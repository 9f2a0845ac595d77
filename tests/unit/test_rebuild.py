"""Models are built again in the middle of a comparison: those of SQL, and those of Python."""

from pathlib import Path

import duckdb

from pipelines.restatements.rebuild import Model, rebuild

PYTHON = """
def model(dbt, session):
    return dbt.ref("said").filter("text is not null").project("id, upper(text) as text").order("id").to_arrow_table()
"""


def test_a_python_model_reads_views_and_is_rolled_back_with_all_else(tmp_path: Path):
    file = tmp_path / "shouted.py"
    file.write_text(PYTHON, encoding="utf-8")
    shouted = Model(
        unique_id="model.rapport.shouted", name="shouted", schema="core", needs=("model.rapport.said",),
        is_view=False, sql="", python_file=file, config={},
    )  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("create schema core; create table core.landed (id int, text varchar)")
        connection.execute("create view core.said as select * from core.landed")
        connection.execute("create table core.shouted (id int, text varchar)")
        connection.execute("insert into core.landed values (2, 'b'), (1, 'a'), (3, null)")
        connection.execute("begin")
        rebuild(connection, [shouted], {"model.rapport.said"})
        assert connection.execute("select * from core.shouted order by id").fetchall() == [(1, "A"), (2, "B")]
        connection.execute("rollback")
        assert connection.execute("select count(*) from core.shouted").fetchone() == (0,)


def test_what_says_the_same_is_left_and_so_is_what_reads_nothing_else_that_changed():
    def model(name: str, sql: str, *needs: str) -> Model:
        return Model(
            unique_id=name, name=name, schema="main", needs=needs, is_view=False, sql=sql, python_file=None, config={}
        )

    models = [
        model("rounded", "select round(x) as x from said", "said"),
        model("of_rounded", "select error('was built') as x from rounded", "rounded"),
        model("doubled", "select 2 * x as x from said", "said"),
        model("of_both", "select rounded.x + doubled.x as x from rounded, doubled", "rounded", "doubled"),
    ]
    with duckdb.connect() as connection:
        connection.execute("create table said as select 1.1::double as x")
        connection.execute("create table rounded as select 1::double as x")
        connection.execute("create table of_rounded as select 7::double as x")
        connection.execute("create table doubled as select 2.2::double as x")
        connection.execute("create table of_both as select 3.2::double as x")
        connection.execute("update said set x = 1.3")
        rebuild(connection, models, {"said"})
        found = {name: connection.execute(f"select x from {name}").fetchall() for name in ("rounded", "of_rounded")}
        assert found == {"rounded": [(1,)], "of_rounded": [(7,)]}
        assert connection.execute("select x from of_both").fetchall() == [(1 + 2.6,)]
        # a model whose own rules are others is built even where nothing that it reads has changed
        tripled = model("doubled", "select 3 * x as x from said", "said")
        rebuild(connection, [*models[:2], tripled, models[3]], {"doubled"})
        assert connection.execute("select round(x, 6) from of_both").fetchall() == [(round(1 + 3.9, 6),)]
