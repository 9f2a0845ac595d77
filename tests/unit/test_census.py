"""The count of landed rows that the ledger holds the models against, made from what a system says of its tables."""

import duckdb
import pytest

from pipelines.paths import STAGING
from pipelines.releases.names import quote_name
from pipelines.sources.catalog import TableSpec, load_catalog, load_contract
from pipelines.warehouse.census import census

ROWS = """
create schema landing;
create view landing."shop__deal" as
select 'crm' as _source, 'deal' as _table, '000001-a' as _batch_id, 1 as _batch_number, true as _is_live, *
from (
    values
    (1, 'd1', '2020-01-02 00:00:00', 'open'), (2, 'd1', '2020-01-03 00:00:00', 'gone'),
    (3, 'd2', '2020-01-03 00:00:00', 'gone'), (4, 'd2', '2020-01-04 00:00:00', 'open'),
    (5, 'd3', null, null), (6, null, '2020-01-04 00:00:00', 'gone')
) as rows (_row_number, id, changed, state)
"""


def spec(**rules) -> TableSpec:
    key = rules.pop("key", ("id",))
    return TableSpec("shop", "deal", ("deal.*",), True, ("id", "changed", "state"), "opportunity", key, key, **rules)


def counted(table: TableSpec) -> tuple[int, int, int]:
    """Rows that a newer one replaced, that are deleted, and that are expected elsewhere."""
    with duckdb.connect() as connection:
        connection.execute(ROWS)
        census(connection, [table])
        return connection.execute("select superseded, deleted, expected from landing.census").fetchone()


def test_the_newest_row_of_a_key_says_whether_it_is_deleted():
    # d1 was deleted last, d2 came back; what has no key cannot be deleted
    assert counted(spec(updated_at="changed", deleted="state = 'gone'")) == (2, 1, 3)


def test_a_system_that_never_says_that_it_deletes_has_no_deleted_rows():
    assert counted(spec(updated_at="changed")) == (2, 0, 4)


def test_rows_without_a_key_of_their_own_are_told_apart_by_their_place():
    assert counted(spec(key=("_row_number",), deleted="state = 'gone'")) == (0, 3, 3)


@pytest.mark.parametrize("system", sorted(folder.name for folder in STAGING.iterdir() if folder.is_dir()))
def test_what_a_system_says_of_its_tables_can_be_computed_from_their_columns(system: str):
    for table in load_catalog(system).values():
        landed = [*table.columns, "_row_number"]
        assert set(table.key) | set(table.row_key) <= set(landed)
        assert table.entity is None or table.entity in load_contract()
        columns = ", ".join(f"cast(null as varchar) as {quote_name(name)}" for name in landed)
        expressions = [table.updated_at, table.deleted, *table.values.values()]
        with duckdb.connect() as connection:
            for expression in filter(None, expressions):
                connection.execute(f"select {expression} from (select {columns})")
        # also of entities that are read off this table beside its own
        assert set(table.values) <= {column for rules in load_contract().values() for column in rules["columns"]}
