"""The comparison of both engines has to notice every difference; what an engine is free to do is not one."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.warehouse.frames import rows_of
from tests.parity.compare import TOLERANCE, compare

OURS = """
    select * from (
        values
        ('a', 1::bigint, 10.00::decimal(38, 2), 0.1::double, timestamp '2025-01-01 10:00:00', date '2025-01-01', true),
        ('b', null, 20.50::decimal(38, 2), null, null, null, false)
    ) as t (id, number, amount, share, moment, day, flag)
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create schema core")
        connection.execute(f"create table core.facts as {OURS}")
        yield connection


def against(connection: duckdb.DuckDBPyConnection, folder: Path, spark: str):
    """What the comparison says when Spark has written `spark`."""
    connection.execute(f"copy ({spark}) to '{folder}/part.parquet' (format parquet)")
    return compare(connection, "core", "facts", folder)


@pytest.mark.parametrize(
    "spark",
    [
        OURS,
        f"select * from ({OURS}) order by id desc",
        f"select * replace (number::integer as number) from ({OURS})",
        f"select * replace (amount::decimal(20, 2) as amount) from ({OURS})",
        f"select * replace (timezone('UTC', moment) as moment) from ({OURS})",
        f"select * replace (share * (1 + 1e-13) as share) from ({OURS})",
    ],
    ids=[
        "equal",
        "other order",
        "narrower integer",
        "narrower decimal",
        "instants with a zone",
        "last digit of a float",
    ],
)
def test_the_same_is_the_same(connection, tmp_path: Path, spark: str):
    found = against(connection, tmp_path, spark)
    assert found.is_same, found.difference
    assert found.digest == found.spark_digest
    assert found.rows == found.spark_rows == 2


@pytest.mark.parametrize(
    ("spark", "said"),
    [
        (f"select * replace (case id when 'a' then 'A' else id end as id) from ({OURS})", '"id": a and A'),
        (f"select * replace (amount + 0.01::decimal(38, 2) as amount) from ({OURS})", '"amount": 10.00 and 10.01'),
        (f"select * replace (coalesce(number, 0) as number) from ({OURS})", '"number": None and 0'),
        (f"select * replace (moment + interval 1 microsecond as moment) from ({OURS})", '"moment"'),
        (f"select * replace (not flag as flag) from ({OURS})", "the same values, in other rows"),
        (f"select * replace (share * (1 + 1e-11) as share) from ({OURS})", "floats differ by 1.0e-11"),
        (f"select * replace (coalesce(share, 0) as share) from ({OURS})", "floats differ by inf"),
        (f"select * from ({OURS}) where id = 'a'", "2 rows and 1"),
        (f"{OURS} union all {OURS}", "2 rows and 4"),
        (f"select * exclude (flag) from ({OURS})", "columns"),
        (f"select number, * exclude (number) from ({OURS})", "columns"),
        (f"select * replace (amount::varchar as amount) from ({OURS})", "types: amount DECIMAL(38,2) and VARCHAR"),
        (f"select * replace (amount::decimal(38, 3) as amount) from ({OURS})", "types: amount"),
        (f"select * replace (amount::double as amount) from ({OURS})", "types: amount"),
        (f"select * replace (day::timestamp as day) from ({OURS})", "types: day"),
    ],
)
def test_what_differs_is_named(connection, tmp_path: Path, spark: str, said: str):
    found = against(connection, tmp_path, spark)
    assert not found.is_same
    assert said in found.difference


def test_a_table_that_spark_did_not_write_is_a_difference(connection, tmp_path: Path):
    assert compare(connection, "core", "facts", tmp_path / "nowhere").difference == "Spark has no such table"


def test_a_value_that_does_not_fit_the_type_is_an_error(connection, tmp_path: Path):
    connection.execute("create or replace table core.facts as select 1::integer as number")
    with pytest.raises(duckdb.ConversionException):
        against(connection, tmp_path, "select 3000000000::bigint as number")


def test_the_tolerance_is_that_of_the_promise():
    assert TOLERANCE == 1e-12


class Frame:
    """What a data frame of Spark gives a Python model."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def orderBy(self, *names: str) -> "Frame":  # noqa: N802 (Spark's name)
        return Frame(self._table.sort_by([(name, "ascending") for name in names]))

    def toArrow(self) -> pa.Table:  # noqa: N802 (Spark's name)
        return self._table


def test_python_models_read_the_same_rows_on_both_engines(connection):
    ours = connection.table("core.facts")
    with_zone = connection.sql(f"select * replace (timezone('UTC', moment) as moment) from ({OURS}) order by id desc")
    assert list(rows_of(Frame(with_zone.to_arrow_table()), "id")) == list(rows_of(ours, "id"))
    assert [row["id"] for row in rows_of(ours, "id")] == ["a", "b"]
