"""The known answers about returns, invoices and what campaigns cost."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from pipelines.demo.answers_sales import sold_lines
from pipelines.demo.calendar import AS_OF, local_day, period_keys
from pipelines.demo.customers import Population
from pipelines.demo.model import Company, Invoice, Order, Payment
from pipelines.demo.money import Rates, cents
from pipelines.demo.totals import UNKNOWN

_GRAINS = ("month", "quarter", "year")
_LAST_DAY = local_day(AS_OF) - timedelta(days=1)
_BUCKETS = ((0, "0"), (30, "1-30"), (60, "31-60"), (90, "61-90"))
_SHIPPED = ("shipped", "delivered")


def returned(company: Company, population: Population) -> dict[str, dict]:
    """Return `by_return`: grain -> period of the return -> amount, and `by_shipment`: dimension|member -> grain ->
    period of the shipment -> shipped and returned units, amount and main reason."""
    by_return: dict[str, Counter] = {grain: Counter() for grain in _GRAINS}
    groups: dict[tuple[str, str, str], dict] = {}
    values = _values_of_returns(company, population)
    back = defaultdict(list)
    for row, amount in values:
        back[row.order_line_id].append((row, amount))
        for grain, key in period_keys(local_day(row.returned_at)).items():
            by_return[grain][key] += amount
    for sold in sold_lines(company, population):
        order, line = sold.order, sold.line
        if order.status not in _SHIPPED:
            continue
        shipped_on = local_day(order.shipped_at or order.delivered_at or order.ordered_at)
        line_name = sold.product.product_line if sold.product else UNKNOWN
        members = {
            "all": "(all)",
            "region": f"{order.country or UNKNOWN} / {order.province or UNKNOWN}",
            "product_line": line_name,
            "product": sold.product.product_id if sold.product else UNKNOWN,
            "channel": order.channel or UNKNOWN,
        }
        for grain, key in period_keys(shipped_on).items():
            for dimension, member in members.items():
                group = groups.setdefault(
                    (f"{dimension}|{member}", grain, key),
                    {"shipped": Decimal(0), "returned": Decimal(0), "amount": Decimal(0), "reasons": Counter()},
                )
                group["shipped"] += line.quantity
                for row, amount in back[line.order_line_id]:
                    group["returned"] += row.quantity
                    group["amount"] += amount
                    group["reasons"][row.reason or UNKNOWN] += row.quantity
    found: dict[str, dict] = {}
    for (member, grain, key), group in sorted(groups.items()):
        most = sorted(group["reasons"].items(), key=lambda reason: (-reason[1], reason[0]))
        found.setdefault(member, {}).setdefault(grain, {})[key] = {
            "shipped_units": f"{group['shipped']:.4f}",
            "returned_units": f"{group['returned']:.4f}",
            "returned_amount": f"{group['amount']:.2f}",
            "main_reason": most[0][0] if most else None,
        }
    return {
        "by_return": {g: {k: f"{v:.2f}" for k, v in sorted(sums.items())} for g, sums in by_return.items()},
        "by_shipment": found,
    }


def receivables(company: Company, population: Population) -> dict[str, dict]:
    """Return grain -> period in which invoices are due -> age bucket -> how many, due, paid and outstanding."""
    rates = Rates(company.exchange_rates)
    orders = {order.order_id: order for order in company.orders}
    counted = [i for i in company.invoices if _counts(i, orders.get(i.order_id or ""), population)]
    applied = _applied(company, counted, orders, population)
    sums: dict[str, dict] = {grain: {} for grain in _GRAINS}
    for invoice in counted:
        rate = rates.on(invoice.currency, invoice.issued_on)
        due = cents(invoice.amount * rate)
        steps = list(_paid_so_far(invoice, applied[invoice.invoice_id], rate, rates))
        paid = steps[-1][1] if steps else Decimal(0)
        due_on = invoice.due_on or invoice.issued_on
        if due_on > _LAST_DAY:
            continue
        bucket = _bucket((_settled_on(due, steps) or _LAST_DAY) - due_on)
        for grain, key in period_keys(due_on).items():
            cell = sums[grain].setdefault(key, {}).setdefault(bucket, [0, Decimal(0), Decimal(0)])
            cell[0] += 1
            cell[1] += due
            cell[2] += paid
    return {
        grain: {
            key: {
                bucket: {"invoices": n, "due": f"{due:.2f}", "paid": f"{paid:.2f}", "outstanding": f"{due - paid:.2f}"}
                for bucket, (n, due, paid) in sorted(buckets.items())
            }
            for key, buckets in sorted(keys.items())
        }
        for grain, keys in sums.items()
    }


def campaign_costs(company: Company) -> dict[str, dict]:
    """Return grain -> period -> channel -> what was spent."""
    rates = Rates(company.exchange_rates)
    channels = {campaign.campaign_id: campaign.channel for campaign in company.campaigns}
    sums: dict[str, dict[str, Counter]] = {grain: {} for grain in _GRAINS}
    for cost in company.campaign_costs:
        channel = cost.channel or channels.get(cost.campaign_id or "") or UNKNOWN
        amount = cents(cost.amount * rates.on(cost.currency, cost.spent_on))
        for grain, key in period_keys(cost.spent_on).items():
            sums[grain].setdefault(key, Counter())[channel] += amount
    return {
        grain: {
            key: {channel: f"{v:.2f}" for channel, v in sorted(found.items())} for key, found in sorted(keys.items())
        }
        for grain, keys in sums.items()
    }


def _values_of_returns(company: Company, population: Population) -> list[tuple]:
    """Return the returns of what was sold, each with its amount in cents of the reporting currency."""
    rates = Rates(company.exchange_rates)
    sold = {s.line.order_line_id: s for s in sold_lines(company, population)}
    found = []
    for row in company.return_lines:
        if row.order_line_id in sold:
            line, order = sold[row.order_line_id].line, sold[row.order_line_id].order
            amount = row.amount if row.amount is not None else row.quantity * line.revenue / line.quantity
            found.append((row, cents(amount * rates.at(order.currency, row.returned_at))))
    return found


def _counts(invoice: Invoice, order: Order | None, population: Population) -> bool:
    if invoice.status in ("cancelled", "void", "draft") or invoice.account_id in population.test_accounts:
        return False
    return order is None or population.bucket(order) not in ("deleted", "test")


def _applied(
    company: Company, invoices: list[Invoice], orders: dict[str, Order], population: Population
) -> dict[str, list[Payment]]:
    """Return invoice -> its payments: those that name it, and those of an order that has no other invoice."""
    known = {invoice.invoice_id for invoice in invoices}
    of_order = defaultdict(list)
    for invoice in invoices:
        if invoice.order_id:
            of_order[invoice.order_id].append(invoice.invoice_id)
    applied = defaultdict(list)
    for payment in company.payments:
        bucket = population.bucket(orders[payment.order_id]) if payment.order_id else None
        if bucket in ("deleted", "test") or payment.account_id in population.test_accounts:
            continue
        only = of_order.get(payment.order_id or "", [])
        target = payment.invoice_id or (only[0] if len(only) == 1 else None)
        if target in known:
            applied[target].append(payment)
    return applied


def _paid_so_far(
    invoice: Invoice, payments: list[Payment], rate: Decimal, rates: Rates
) -> Iterator[tuple[date, Decimal]]:
    """Yield, payment by payment, its day and what has been paid by then: the invoice's currency at its own rate."""
    own, other = Decimal(0), Decimal(0)
    for payment in sorted(payments, key=lambda p: (p.paid_at, p.payment_id)):
        if payment.currency == invoice.currency:
            own += payment.amount
        else:
            other += cents(payment.amount * rates.at(payment.currency, payment.paid_at))
        yield local_day(payment.paid_at), cents(own * rate) + other


def _settled_on(due: Decimal, steps: list[tuple[date, Decimal]]) -> date | None:
    """Return the day on which the whole amount was first there, if it still is; a credit note's is negative."""
    whole = [day for day, paid in steps if (paid >= due if due >= 0 else paid <= due)]
    return whole[0] if whole and whole[-1] == steps[-1][0] else None


def _bucket(late: timedelta) -> str:
    return next((name for most, name in _BUCKETS if late.days <= most), "91+")
