"""What Alder & Finch bills its organisations, and what everybody pays. Amounts are in the order's currency."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import happened, local_day, office_time
from pipelines.demo.model import Invoice, Order, Payment
from pipelines.demo.money import cents

_INSTANT_METHODS = ("card", "wallet")
_LATER_METHODS = ("bank_transfer", "invoice")
_OVERPAID_FROM = 9
_TOO_MUCH = Decimal("50.00")
# Of every twelve invoices one is not paid, and some only these days after they were due.
_TURNS = 12
_UNPAID = 4
_LATE = {2: (1, 30), 6: (31, 60), 8: (91, 160), 10: (61, 90)}


def make_invoices(rng: Random, orders: tuple[Order, ...], due: dict[str, Decimal]) -> tuple[Invoice, ...]:
    """Return an invoice, issued at shipping, for each order with an account manager; and one credit note, one void."""
    billed = [o for o in orders if o.owner_user_id and o.shipped_at]
    billed.sort(key=lambda o: (o.shipped_at, o.order_id))
    invoices = [_invoice(rng, n, order, due[order.order_id]) for n, order in enumerate(billed)]
    aside = {o.order_id for o in billed if o.is_test or o.is_deleted}
    plain = next(i for i in invoices[len(invoices) // 3 :] if i.amount > 100 and i.order_id not in aside)
    late = invoices[-1].issued_on
    credit = replace(plain, issued_on=min(plain.issued_on + timedelta(days=40), late), amount=cents(-plain.amount / 4))
    void = replace(plain, status="void")
    invoices += [replace(credit, due_on=credit.issued_on, status="credit_note"), void]
    return tuple(replace(invoice, invoice_id=f"I{n:05}") for n, invoice in enumerate(invoices, start=1))


def _invoice(rng: Random, n: int, order: Order, amount: Decimal) -> Invoice:
    issued = local_day(order.shipped_at)
    return Invoice(
        invoice_id="",
        order_id=order.order_id,
        account_id=order.account_id,
        issued_on=issued,
        due_on=None if n % 15 == 7 else issued + timedelta(days=rng.choice((14, 30))),
        amount=amount,
        currency=order.currency,
        status="issued",
    )


def make_payments(
    rng: Random, orders: tuple[Order, ...], due: dict[str, Decimal], invoices: tuple[Invoice, ...]
) -> tuple[Payment, ...]:
    """Return the payments: mostly one for an order, some in instalments; some orders are not paid.

    Deleted and test orders are always paid, some cancelled ones too; the last payment has no order. Some payments of
    invoices name only the order.
    """
    billed = {i.order_id: (n, i) for n, i in reversed([*enumerate(invoices)])}
    overpaid = _overpaid(orders, invoices)
    payments: list[Payment] = []
    for order in orders:
        n, invoice = billed.get(order.order_id, (0, None))
        if invoice and not (order.is_test or order.is_deleted):
            found = _payments_of_invoice(rng, n, order, invoice, _TOO_MUCH if n == overpaid else Decimal(0))
        else:
            found = _payments_of_order(rng, order, invoice, due[order.order_id]) if _is_paid(rng, order) else []
        payments += [replace(p, payment_id=f"Y{len(payments) + k:06}") for k, p in enumerate(found, start=1)]
    payments = [replace(p, method=None) if n % 97 == 96 else p for n, p in enumerate(payments)]
    return (*payments, _on_account(payments[-1]))


def _overpaid(orders: tuple[Order, ...], invoices: tuple[Invoice, ...]) -> int:
    """Return the number of the invoice of which too much is paid: an early one that is paid at all."""
    aside = {o.order_id for o in orders if o.is_test or o.is_deleted}
    return next(
        n
        for n, invoice in enumerate(invoices)
        if n >= _OVERPAID_FROM and n % _TURNS != _UNPAID and invoice.order_id not in aside
    )


def _on_account(last: Payment) -> Payment:
    payment = replace(last, payment_id="Z000001", order_id=None, invoice_id=None, method="bank_transfer")
    return replace(payment, amount=Decimal("100.00"), currency="EUR")


def _is_paid(rng: Random, order: Order) -> bool:
    chance = rng.random()
    if order.is_deleted or order.is_test:
        return True
    return chance < {"draft": 0, "unavailable": 0, "cancelled": 0.35}.get(order.status, 0.95)


def _payments_of_order(rng: Random, order: Order, invoice: Invoice | None, amount: Decimal) -> list[Payment]:
    method = rng.choice(_LATER_METHODS if order.channel == "sales_team" else _INSTANT_METHODS)
    waits = timedelta(minutes=rng.randrange(1, 30))
    if method in _LATER_METHODS:
        waits = timedelta(days=rng.randrange(3, 35), minutes=rng.randrange(600))
    parts = [amount]
    if rng.random() < 0.08 and amount > 100:
        parts = [cents(amount / 2), amount - cents(amount / 2)]
    moments = (order.ordered_at + waits + timedelta(days=30 * n) for n in range(len(parts)))
    return list(_paid(order, invoice.invoice_id if invoice else None, method, zip(moments, parts, strict=True)))


def _payments_of_invoice(rng: Random, n: int, order: Order, invoice: Invoice, extra: Decimal) -> list[Payment]:
    """Return the payments of invoice `n`: in time, late or none, every seventh in two or three instalments."""
    if n % _TURNS == _UNPAID:
        return []
    due = invoice.due_on or invoice.issued_on
    if late := _LATE.get(n % _TURNS):
        day = due + timedelta(days=rng.randrange(late[0], late[1] + 1))
    else:
        day = due - timedelta(days=rng.randrange(max(1, (due - invoice.issued_on).days)))
    parts = [invoice.amount + extra]
    if n % 7 == 5 and not extra:
        count = 2 + n % 2
        part = cents(invoice.amount / count)
        parts = [part] * (count - 1) + [invoice.amount - part * (count - 1)]
    moments = (office_time(rng, day + timedelta(days=21 * k)) for k in range(len(parts)))
    named = None if n % 9 == 4 else invoice.invoice_id
    return list(_paid(order, named, rng.choice(_LATER_METHODS), zip(moments, parts, strict=True)))


def _paid(
    order: Order, invoice_id: str | None, method: str, parts: Iterator[tuple[datetime, Decimal]]
) -> Iterator[Payment]:
    """Yield what of the parts has been paid by now."""
    for moment, amount in parts:
        if happened(moment):
            yield Payment("", order.order_id, invoice_id, order.account_id, moment, amount, order.currency, method)
