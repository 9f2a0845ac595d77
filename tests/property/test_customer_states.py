"""The customer base of random histories of purchases and contracts, against a simulation that goes day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rendering import renderer

# Short windows, so that every limit is met often. The last day has begun and is observed.
ACTIVE, CHURN, GRACE = 5, 12, 3
FIRST, LAST = date(2024, 12, 16), date(2025, 2, 20)
DAYS = (LAST - FIRST).days + 1
VARIABLES = {
    "active_days": ACTIVE,
    "churn_days": CHURN,
    "renewal_grace_days": GRACE,
    "as_of": f"{LAST}T12:00:00",
    "time_zone": "UTC",
}
COLUMNS = (
    "opening_active", "new", "reactivated", "lapsed", "closing_active", "silent", "churned", "prospects",
    "customers_ever", "churn_rate_numerator", "churn_rate_denominator",
)  # fmt: skip
TABLES = """
create table fct_orders (customer_number varchar, ordered_on date, exclusion varchar);
create table int_subscription (source varchar, subscription_id varchar, account_id varchar, starts_on date,
    ends_on date, cancelled_on date, cancel_reason varchar, monthly_amount decimal(18, 2), currency varchar,
    default_currency varchar, is_test boolean, batch_id varchar, row_number bigint);
create table int_customer_account (source varchar, account_id varchar, customer_number varchar, is_test boolean);
create table dim_customer (customer_number varchar, created_at timestamp, first_landed_at timestamp,
    is_current boolean, is_test boolean, is_deleted boolean);
create table dim_date as
select cast(day as date) as date_day, cast(date_trunc('week', day) as date) as week_start,
    cast(date_trunc('month', day) as date) as month_start, cast(date_trunc('quarter', day) as date) as quarter_start,
    cast(date_trunc('year', day) as date) as year_start
from (select unnest(generate_series(cast($first as timestamp), cast($last as timestamp), interval 1 day)) as day);
"""


@dataclass(frozen=True)
class Contract:
    """`ends` is the last day that is covered, `cancelled` the first that is not; all days count from FIRST."""

    starts: int
    ends: int | None
    cancelled: int | None

    @property
    def ended(self) -> int:
        return min(10**6 if self.ends is None else self.ends + 1, 10**6 if self.cancelled is None else self.cancelled)

    def runs(self, day: int) -> bool:
        return self.starts <= day < self.ended

    def is_bridged(self, day: int, others: tuple["Contract", ...]) -> bool:
        """Whether it has ended on `day`, and one that renews it has not begun."""
        return self.starts < self.ended <= day and any(
            day < other.starts <= self.ended + GRACE and other.ended > max(self.ended, other.starts) for other in others
        )


@dataclass(frozen=True)
class Customer:
    created: int
    orders: frozenset[int]
    contracts: tuple[Contract, ...]

    def states(self) -> list[str | None]:
        """The state at the end of each day, None before the customer is known."""
        found: list[str | None] = []
        state, was_in_window = None, False
        for day in range(DAYS):
            past = [order for order in self.orders if order <= day]
            in_window = any(day - order <= ACTIVE for order in past)
            is_kept = any(c.runs(day) or c.is_bridged(day, self.contracts) for c in self.contracts)
            if not past:
                state = "prospect" if day >= self.created else None
            elif in_window or is_kept:
                state = "active"
            elif day - max(past) > CHURN:
                state = "churned"
            elif state == "active":
                state = "silent" if was_in_window else "churned"
            was_in_window = in_window
            found.append(state)
        return found


def chain(first: int, parts: list[tuple[int, int | None, int | None]]) -> tuple[Contract, ...]:
    """Contracts of which each begins some days after the end of the one before: (days, term, cancelled)."""
    found: list[Contract] = []
    starts = first
    for gap, term, cancelled in parts:
        starts += gap
        ends = None if term is None else starts + term
        found.append(Contract(starts, ends, None if cancelled is None else starts + cancelled))
        starts = min(found[-1].ended, starts + 20)
    return tuple(found)


part = st.tuples(st.integers(-2, GRACE + 2), st.none() | st.integers(0, 15), st.none() | st.integers(-1, 15))
contracts = st.builds(chain, st.integers(-10, DAYS), st.lists(part, max_size=3))

companies = st.lists(
    st.builds(Customer, st.integers(0, DAYS - 1), st.frozensets(st.integers(0, DAYS - 1), max_size=4), contracts),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """The models as views over empty tables, and the calendar."""
    render = renderer(**VARIABLES)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; set threads = 1")
        for statement in filter(str.strip, TABLES.split(";")):
            days = {"first": str(FIRST), "last": str(LAST)} if "$first" in statement else None
            connection.execute(statement, days)
        for model in ("dim_period", "dim_period_day"):
            connection.execute(f"create table {model} as {render(model)}")
        for model in ("fct_subscriptions", "fct_customer_spells", "rpt_customer_base"):
            connection.execute(f"create view {model} as {render(model)}")
        yield connection


def load(connection: duckdb.DuckDBPyConnection, company: list[Customer]) -> None:
    def on(day: int | None) -> date | None:
        return None if day is None else FIRST + timedelta(days=day)

    for table in ("fct_orders", "int_subscription", "int_customer_account", "dim_customer"):
        connection.execute(f"delete from {table}")
    for number, customer in enumerate(company):
        name = f"C{number}"
        connection.execute("insert into int_customer_account values ('crm', $1, $1, false)", [name])
        connection.execute(
            "insert into dim_customer values ($1, cast($2 as date), cast($3 as date), true, false, false)",
            [name, on(customer.created), LAST],
        )
        for order in customer.orders:
            connection.execute("insert into fct_orders values ($1, $2, null)", [name, on(order)])
        for index, contract in enumerate(customer.contracts):
            connection.execute(
                "insert into int_subscription values ('crm', $1, $2, $3, $4, $5, null, 1, null, 'EUR', false, 'b', 1)",
                [f"{name}-{index}", name, on(contract.starts), on(contract.ends), on(contract.cancelled)],
            )


def figures(company: list[Customer], first: int, last: int) -> dict[str, int]:
    """The customer base of the days `first` to `last`, counted from the states of each day."""
    totals = dict.fromkeys(COLUMNS, 0)
    for customer in company:
        states = customer.states()
        before = states[first - 1] if first > 0 else None
        during = states[first : last + 1]
        was_there = before in ("active", "silent")
        churns = any(now == "churned" != then for then, now in zip([before, *during], during, strict=False))
        totals["opening_active"] += before == "active"
        totals["new"] += bool(customer.orders) and first <= min(customer.orders) <= last
        totals["reactivated"] += before in ("silent", "churned") and "active" in during
        totals["lapsed"] += "active" in (before, *during) and during[-1] != "active"
        totals["closing_active"] += during[-1] == "active"
        totals["silent"] += during[-1] == "silent"
        totals["churned"] += during[-1] == "churned"
        totals["prospects"] += during[-1] == "prospect"
        totals["customers_ever"] += during[-1] in ("active", "silent", "churned")
        totals["churn_rate_numerator"] += was_there and churns
        totals["churn_rate_denominator"] += was_there
    return totals


@settings(deadline=None, max_examples=80)
@given(companies)
def test_every_period_of_every_grain_says_what_a_simulation_of_its_days_says(warehouse, company):
    load(warehouse, company)
    rows = warehouse.execute(
        f"select period_grain, period_start, period_end, {', '.join(COLUMNS)} from rpt_customer_base"
    ).fetchall()
    for grain, start, end, *found in rows:
        first, last = max((start - FIRST).days, 0), min((end - FIRST).days, DAYS) - 1
        assert dict(zip(COLUMNS, found, strict=True)) == figures(company, first, last), (grain, start)
    seen = {start for grain, start, *_ in rows if grain == "day"}
    orders = [order for customer in company for order in customer.orders]
    begun = range(min(orders), DAYS - 1) if orders else []
    assert {FIRST + timedelta(days=day) for day in begun} <= seen


@settings(deadline=None, max_examples=30)
@given(companies)
def test_who_is_there_is_who_was_there_and_came_less_who_left(warehouse, company):
    load(warehouse, company)
    balances = warehouse.execute(
        """
        select period_grain, period_start, opening_active + new + reactivated - lapsed - closing_active as moved,
            closing_active + silent + churned - customers_ever as stateless,
            lead(opening_active) over (partition by period_grain order by period_start) - closing_active as between
        from rpt_customer_base
        """
    ).fetchall()
    assert not [row for row in balances if row[2] or row[3] or row[4]]
