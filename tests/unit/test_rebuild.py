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
        rebuild(connection, [shouted])
        assert connection.execute("select * from core.shouted order by id").fetchall() == [(1, "A"), (2, "B")]
        connection.execute("rollback")
        assert connection.execute("select count(*) from core.shouted").fetchone() == (0,)
