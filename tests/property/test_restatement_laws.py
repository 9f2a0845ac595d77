"""Causes: applying none gives what the sources said, applying all gives what they say, whatever changed between."""

from collections.abc import Iterable

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.restatements.causes import OF_ROWS
from pipelines.restatements.changes import Deliveries, Staged, apply_causes, find_changes, keep_staged

CONTRACT = {
    "key": ["order_id"],
    "columns": {
        "order_id": "text",
        "account_id": "text",
        "amount": "money",
        "status": "text",
        "ordered_at": "timestamp",
    },
    "required": ["ordered_at"],
}
STAGED = Staged(
    "model.rapport.stg_generic__order",
    "staging",
    "stg_generic__order",
    "order",
    CONTRACT,
    sql="select * from landing.generic__order",
    reads_staged=False,
)
COLUMNS = STAGED.columns
ROW = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["a1", "a2", None]),
        "amount": st.sampled_from(["1.00", "2.00", "x", None]),
        "status": st.sampled_from(["draft", "confirmed"]),
        "is_deleted": st.sampled_from([None, "false", "true"]),
    }
)
STATE = st.dictionaries(st.sampled_from(["o1", "o2", "o3", "o4"]), ROW, max_size=4)

Batch = dict[str, dict]


def warehouse(batches: list[Batch], load: str) -> duckdb.DuckDBPyConnection:
    """What was landed in the batches, and its staging model, as they would be at the last of them."""
    connection = duckdb.connect()
    connection.execute("create schema landing")
    text = ", ".join(f"{name} varchar" for name in COLUMNS)
    connection.execute(
        f"create table landing.generic__order ({text}, _system varchar, _source varchar, _table varchar, "
        "_batch_id varchar, _batch_number bigint, _landed_at timestamp, _row_number bigint, _file varchar, "
        "_line bigint, _is_live boolean, _time_zone varchar, _currency varchar, _decimal_mark varchar)"
    )
    connection.execute(
        "create table landing.batches (source varchar, source_table varchar, batch_id varchar, batch_number bigint, "
        "landed_at timestamp, is_live boolean)"
    )
    for number, batch in enumerate(batches, start=1):
        live = load == "append" or number == len(batches)
        landed = ["crm", "order", f"b{number}", number, f"2025-01-{number:02} 00:00:00", live]
        connection.execute("insert into landing.batches values (?, ?, ?, ?, ?, ?)", landed)
        for place, (order_id, row) in enumerate(batch.items(), start=1):
            values = {**row, "order_id": order_id, "row_key": order_id}
            connection.execute(
                f"insert into landing.generic__order values ({', '.join('?' * (len(COLUMNS) + 13))})",
                [
                    *(values.get(name) for name in COLUMNS),
                    *("generic", "crm", "order", f"b{number}", number, f"2025-01-{number:02} 00:00:00"),
                    *(place, "order.csv", place + 1, live, "UTC", "EUR", "."),
                ],
            )
    connection.execute("create schema staging")
    connection.execute(f"create view staging.stg_generic__order as {STAGED.sql}")
    return connection


def live_rows(connection: duckdb.DuckDBPyConnection, load: str) -> set[tuple]:
    """What the newest rows say of each order that there is."""
    names = ", ".join(name for name in COLUMNS if name not in ("row_key", "source_updated_at"))
    rows = connection.execute(
        f"select {names} from (select *, row_number() over (partition by order_id order by _batch_number desc) as n "
        "from staging.stg_generic__order where _is_live) where n = 1"
    ).fetchall()
    deleted = [name for name in COLUMNS if name not in ("row_key", "source_updated_at")].index("is_deleted")
    return {(*row[:deleted], *row[deleted + 1 :]) for row in rows if row[deleted] != "true"}


def said(batches: Iterable[Batch], load: str) -> set[tuple]:
    """The same, worked out from the batches themselves."""
    state: Batch = {}
    for batch in batches:
        state = {**state, **batch} if load == "append" else batch
    return {
        (order_id, row["account_id"], row["amount"], row["status"], None, None)
        for order_id, row in state.items()
        if row["is_deleted"] != "true"
    }


@settings(max_examples=150, deadline=None)
@given(
    st.lists(STATE, min_size=1, max_size=2),
    st.lists(STATE, min_size=1, max_size=2),
    st.sampled_from(["snapshot", "append"]),
)
def test_no_cause_gives_the_earlier_state_and_all_causes_the_later_one(before, after, load):
    batches = [*before, *after]
    known = frozenset(("crm", "order", f"b{number}") for number in range(1, len(before) + 1))
    live = known if load == "append" else frozenset({("crm", "order", f"b{len(before)}")})
    later = frozenset(("crm", "order", f"b{n}") for n in range(len(before) + 1, len(batches) + 1))
    with warehouse(batches, load) as connection:
        delivered = Deliveries(known, live, later if load == "snapshot" else frozenset())
        keep_staged(connection, STAGED, delivered)
        causes = find_changes(connection, STAGED)
        apply_causes(connection, STAGED, [], delivered)
        assert live_rows(connection, load) == said(before, load)
        apply_causes(connection, STAGED, [cause for cause in OF_ROWS if cause in causes], delivered)
        assert live_rows(connection, load) == said(batches, load)
