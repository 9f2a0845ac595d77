"""Figures are compared row by row of a mart's key, and nothing is left out where the key is another one."""

from datetime import date
from decimal import Decimal

import duckdb

from pipelines.restatements.changes import SCHEMA
from pipelines.restatements.figures import PARTS, Mart, compare, keep_state, start_parts

MONTH = "'month' as period_grain, date '2025-01-01' as period_start, date '2025-02-01' as period_end"


def parts(mart: Mart, before: str, after: str) -> list[tuple]:
    """The parts between two states of a mart, each given as the select that makes it."""
    with duckdb.connect() as connection:
        connection.execute(f"create schema marts; create schema {SCHEMA}")
        for state, rows in [("before", before), ("after", after)]:
            connection.execute(f"create or replace table marts.{mart.name} as {rows}")
            keep_state(connection, mart, state)
        start_parts(connection)
        compare(connection, mart, ("before", "after"), 1, "rule change", date(2025, 3, 1))
        return connection.execute(
            f'select member, metric, before, "after", part, is_closed from {PARTS} order by all'
        ).fetchall()


def test_a_figure_that_changed_is_a_part_and_a_row_of_zeros_is_none():
    mart = Mart("rpt_x", ("period_grain", "period_start", "channel"), ("revenue",), True)
    found = parts(
        mart,
        f"select {MONTH}, * from (values ('web', 10), ('shop', 5)) t(channel, revenue)",
        f"select {MONTH}, * from (values ('web', 12), ('shop', 5), ('fax', 0)) t(channel, revenue)",
    )
    assert found == [('{"channel":"web"}', "revenue", Decimal(10), Decimal(12), Decimal(2), True)]


def test_where_the_key_is_another_one_all_rows_go_and_all_come():
    mart = Mart("rpt_x", ("period_grain", "period_start", "channel", "country"), ("revenue",), True)
    found = parts(
        mart,
        f"select {MONTH}, * from (values ('web', 10)) t(channel, revenue)",
        f"select {MONTH}, * from (values ('web', 'DE', 7), ('web', 'FR', 3)) t(channel, country, revenue)",
    )
    assert found == [
        ('{"channel":"web","country":"DE"}', "revenue", None, Decimal(7), Decimal(7), True),
        ('{"channel":"web","country":"FR"}', "revenue", None, Decimal(3), Decimal(3), True),
        ('{"channel":"web","country":null}', "revenue", Decimal(10), None, Decimal(-10), True),
    ]
    assert sum(part for *_, part, _ in found) == 0


def test_a_figure_that_was_text_is_compared_as_the_number_that_it_said():
    mart = Mart("rpt_x", ("period_grain", "period_start", "channel"), ("revenue",), True)
    found = parts(
        mart,
        f"select {MONTH}, * from (values ('web', '10.0'), ('shop', '5'), ('fax', 'none')) t(channel, revenue)",
        f"select {MONTH}, * from (values ('web', 12), ('shop', 5), ('fax', 1)) t(channel, revenue)",
    )
    assert found == [
        ('{"channel":"fax"}', "revenue", None, Decimal(1), Decimal(1), True),
        ('{"channel":"web"}', "revenue", Decimal(10), Decimal(12), Decimal(2), True),
    ]
