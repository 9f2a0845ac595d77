"""What one night makes of the small company: which rows it adds and changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from random import Random
from typing import TypeVar

from pipelines.demo.customers import customers_of
from pipelines.demo.files import text
from pipelines.demo.lines import UNKNOWN_PRODUCT
from pipelines.demo.model import ENTITIES, Account, Activity, Company, Order, OrderLine, key_of, plural
from pipelines.demo.nights import Night, counts_of, instant_of

_DAY = timedelta(days=1)
_CHANGED_BEFORE = timedelta(hours=1)
_LAST_SECOND = 22 * 3600
_LATE_DAYS = (5, 60)
Row = TypeVar("Row")


def make_nights(seed: int, company: Company, count: int, dated: Sequence[str]) -> list[Night]:
    """Return `count` nights after the company's first delivery, each based on the one before.

    `company` has good rows only; the files of the entities `dated` say when a row changed. A row is changed in one
    night at most. Raises ValueError where the company is too small for so many nights.
    """
    nights: list[Night] = []
    untouched = _Untouched(company)
    for number in range(1, count + 1):
        rng = Random(f"{seed} night {number}")  # noqa: S311 - it has to be repeatable, not secret
        nights.append(_Change(company, number, rng, untouched, dated).night())
        company = nights[-1].company
    return nights


class _Untouched:
    """The rows that no night has changed yet, in an order that is thrown once."""

    def __init__(self, company: Company) -> None:
        self.counts = counts_of(company)
        aside = {a.account_id for a in company.accounts if a.is_test or a.is_deleted}
        odd = {line.order_id for line in company.order_lines if line.product_id == UNKNOWN_PRODUCT}
        returned = {r.order_line_id for r in company.return_lines}
        odd |= {line.order_id for line in company.order_lines if line.order_line_id in returned}
        self.orders = [
            order
            for order in company.orders
            if order.status == "delivered"
            and not (order.is_test or order.is_deleted or order.opportunity_id)
            and order.account_id not in aside
            and order.order_id not in odd
        ]
        customer = customers_of(company.accounts)
        alone = {customer for customer, accounts in Counter(customer.values()).items() if accounts == 1}
        self.accounts = [
            a for a in company.accounts if a.account_id not in aside and customer[a.account_id] in alone and a.email
        ]

    def take(self, rng: Random, rows: list[Row], count: int) -> list[Row]:
        """Return rows that are then no longer untouched."""
        if count > len(rows):
            raise ValueError("The company is too small for so many nights.")
        return [rows.pop(rng.randrange(len(rows))) for _ in range(count)]


class _Change:
    """What one night makes of the company."""

    def __init__(self, company: Company, number: int, rng: Random, untouched: _Untouched, dated: Sequence[str]) -> None:
        self.company, self.number, self.rng, self.dated = company, number, rng, dated
        self.as_of = instant_of(number)
        self.begin, self.changed_at = self.as_of - _DAY, self.as_of - _CHANGED_BEFORE
        self.counts = untouched.counts
        self.untouched = untouched
        self.changed: dict[str, dict[str, object]] = {}
        self.lines: dict[str, list[OrderLine]] = {}
        for line in company.order_lines:
            self.lines.setdefault(line.order_id, []).append(line)

    def night(self) -> Night:
        """Return the night."""
        for n in range(self.counts["new_orders"]):
            self._order(n, is_late=n < self.counts["late_orders"])
        for n in range(self.counts["new_activities"]):
            self._activity(n)
        orders = self.untouched.orders
        for order in self.untouched.take(self.rng, orders, self.counts["corrected_lines"]):
            line = self.lines[order.order_id][0]
            self._put(replace(line, quantity=line.quantity + 1))
        for order in self.untouched.take(self.rng, orders, self.counts["cancelled_orders"]):
            self._put(replace(order, status="cancelled", source_status="Storniert", source_updated_at=self.changed_at))
        for order in self.untouched.take(self.rng, orders, self.counts["deleted_orders"]):
            self._put(replace(order, is_deleted=True, source_updated_at=self.changed_at))
        accounts = self.untouched.take(self.rng, self.untouched.accounts, 2 * self.counts["merged_accounts"])
        for kept, merged in zip(accounts[::2], accounts[1::2], strict=True):
            self._put(replace(merged, email=kept.email))
        return Night(self.number, self.as_of, self._company(), self.counts, self._rows())

    def _order(self, n: int, is_late: bool) -> None:
        """Add an order like one of the company's."""
        like = self.rng.choice(self.untouched.orders)
        seconds = self.rng.randrange(60, _LAST_SECOND)
        placed = self.begin + timedelta(seconds=seconds) - is_late * timedelta(days=self.rng.randint(*_LATE_DAYS))
        order_id = f"O8{self.number:02d}{n:03d}"
        self._put(
            replace(
                like,
                order_id=order_id,
                ordered_at=placed,
                status="confirmed",
                source_status="Bestätigt",
                shipped_at=None,
                promised_at=placed + 8 * _DAY,
                delivered_at=None,
                campaign_id=None,
                source_updated_at=self.changed_at,
            )
        )
        for line in self.lines[like.order_id]:
            place = sum(isinstance(row, OrderLine) for row in self.changed.get("order_line", {}).values())
            self._put(replace(line, order_line_id=f"L8{self.number:02d}{place:03d}", order_id=order_id))

    def _activity(self, n: int) -> None:
        like = self.rng.choice(self.company.activities)
        at = self.begin + timedelta(seconds=self.rng.randrange(60, _LAST_SECOND))
        activity_id = f"K8{self.number:02d}{n:03d}"
        self._put(replace(like, activity_id=activity_id, occurred_at=at, opened_at=None, replied_at=None))

    def _put(self, row: Order | OrderLine | Account | Activity) -> None:
        entity = next(name for name, kind in ENTITIES.items() if kind is type(row))
        self.changed.setdefault(entity, {})[key_of(row)] = row

    def _company(self) -> Company:
        found = {}
        for entity, rows in self.changed.items():
            old = getattr(self.company, plural(entity))
            known = {key_of(row) for row in old}
            found[plural(entity)] = (
                *(rows.get(key_of(row), row) for row in old),
                *(row for key, row in rows.items() if key not in known),
            )
        return replace(self.company, **found)

    def _rows(self) -> dict[str, list[tuple[str, ...]]]:
        when = text(self.changed_at)
        return {
            entity: [(*_texts(row), when) if entity in self.dated else _texts(row) for row in rows.values()]
            for entity, rows in sorted(self.changed.items())
        }


def _texts(row: object) -> tuple[str, ...]:
    return tuple(text(getattr(row, field.name)) for field in fields(row))  # type: ignore[arg-type]
