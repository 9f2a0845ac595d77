"""Laws of booking a document in cents, for the macro that the models use, on the engine that runs them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Template

from pipelines.paths import DBT_PROJECT

CENT = Decimal("0.01")
SQL = """
select document, line, {cents} as cents
from (
    select
        document, line, cast(amount as decimal(38, 12)) as amount
    from (select unnest($1) as document, unnest($2) as line, unnest($3) as amount)
)
"""

Line = tuple[str, str, Decimal | None]
halves = st.integers(-2000, 2000).map(lambda n: Decimal(n) / 1000)
fine = st.decimals(-(10**6), 10**6, places=12)
documents = st.dictionaries(
    st.tuples(st.sampled_from(["o1", "o2", "o3"]), st.text("019ab", min_size=1, max_size=3)),
    st.one_of(st.none(), halves, fine),
    max_size=12,
).map(lambda found: [(document, line, amount) for (document, line), amount in found.items()])


@dataclass(frozen=True)
class Booking:
    """The macro, ready to be asked."""

    connection: duckdb.DuckDBPyConnection
    sql: str

    def __call__(self, lines: list[Line]) -> dict[tuple[str, str], Decimal | None]:
        texts = [None if amount is None else f"{amount:f}" for *_, amount in lines]
        columns = [[document for document, *_ in lines], [line for _, line, _ in lines], texts]
        rows = self.connection.execute(self.sql, columns).fetchall()
        return {(document, line): cents for document, line, cents in rows}


@pytest.fixture(scope="module")
def booked() -> Iterator[Booking]:
    """The macro is plain Jinja, so dbt is not needed to render it."""
    macros = Template((DBT_PROJECT / "macros" / "money.sql").read_text("utf-8")).module
    with duckdb.connect() as connection:
        yield Booking(connection, SQL.format(cents=macros.cents_of_row("amount", ["document"], "line")))


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@settings(deadline=None)
@given(documents)
def test_the_lines_of_a_document_add_up_to_its_exact_sum_rounded_once(booked: Booking, lines: list[Line]):
    shares = booked(lines)
    for document in {document for document, *_ in lines}:
        exact = sum((amount for of, _, amount in lines if of == document and amount is not None), Decimal(0))
        cents = sum((share for (of, _), share in shares.items() if of == document and share is not None), Decimal(0))
        assert cents == rounded(exact)


@settings(deadline=None)
@given(documents)
def test_a_line_is_moved_by_a_cent_at_most_and_never_to_the_other_side_of_zero(booked: Booking, lines: list[Line]):
    shares = booked(lines)
    assert len(shares) == len(lines)
    for document, line, amount in lines:
        share = shares[document, line]
        if amount is None:
            assert share is None
        else:
            assert abs(share - amount) <= CENT
            assert share * amount >= 0
            assert amount != 0 or share == 0


@settings(deadline=None)
@given(documents, st.randoms(use_true_random=False))
def test_in_which_order_the_lines_come_changes_nothing(booked: Booking, lines: list[Line], shuffler):
    assert booked(shuffler.sample(lines, len(lines))) == booked(lines)


@settings(deadline=None)
@given(st.one_of(halves, fine))
def test_a_document_of_one_line_is_that_line_rounded(booked: Booking, amount: Decimal):
    assert booked([("o1", "l1", amount)]) == {("o1", "l1"): rounded(amount)}
