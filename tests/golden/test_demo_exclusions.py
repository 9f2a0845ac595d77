"""Every row that is sound and counts nowhere is listed with its reason, and no other, as the generator has it."""

from collections.abc import Iterator

import pytest

from pipelines.demo.company import build_company
from pipelines.demo.customers import Population
from pipelines.demo.spoil import spoil
from tests.support import ask

pytestmark = pytest.mark.xdist_group("demo")

ENTITIES = ("account", "order", "order_line", "payment", "lead", "opportunity")


def excluded() -> Iterator[tuple[str, str, str]]:
    """Entity, key and reason of the rows that the generator made to be left out."""
    spoilt = spoil(build_company(7, 1.0))
    company, population = spoilt.good, Population(spoilt.good)
    orders = {order.order_id: order for order in company.orders}

    def of(entity: str, key: str, *reasons: str | None) -> Iterator[tuple[str, str, str]]:
        if reason := next(filter(None, reasons), None):
            yield entity, key, reason

    def flagged(row: object) -> str | None:
        return "deleted" if getattr(row, "is_deleted", False) else "test" if row.is_test else None

    def of_test_account(row: object) -> str | None:
        return "test" if row.account_id in population.test_accounts else None

    for account in company.accounts:
        yield from of("account", account.account_id, flagged(account))
    for order in company.orders:
        yield from of("order", order.order_id, population.bucket(order))
    for line in company.order_lines:
        yield from of("order_line", line.order_line_id, population.bucket(orders[line.order_id]))
    for payment in company.payments:
        bucket = population.bucket(orders[payment.order_id]) if payment.order_id else None
        bucket = bucket if bucket in ("deleted", "test") else None  # money received for a cancelled order counts
        yield from of("payment", payment.payment_id, bucket, of_test_account(payment))
    for lead in company.leads:
        yield from of("lead", lead.lead_id, flagged(lead), of_test_account(lead))
    for deal in company.opportunities:
        yield from of("opportunity", deal.opportunity_id, flagged(deal), of_test_account(deal))
    for entity in ENTITIES:
        for row in spoilt.rows[entity]:
            if row.reason == "duplicate_key":
                yield entity, row.key, "duplicate"


def test_the_ledger_lists_what_was_left_out_row_by_row(demo_home):
    names = ", ".join(f"'{entity}'" for entity in ENTITIES)
    rows = ask(demo_home, f"select entity, record, reason from audit.exclusions where entity in ({names})")
    expected = sorted(excluded())
    assert sorted(rows) == expected
    assert {reason for *_, reason in expected} >= {"test", "deleted", "duplicate", "draft", "cancelled", "unavailable"}
