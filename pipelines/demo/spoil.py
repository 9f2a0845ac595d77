"""The mistakes in the demo's files: each row that has to be quarantined, and why."""

from collections import Counter
from dataclasses import dataclass

from pipelines.demo.files import Files, TextRow
from pipelines.demo.lines import UNKNOWN_PRODUCT
from pipelines.demo.model import ENTITIES, Company, Order, key_of, plural, rows_of

_CHANGED = (
    ("activity", "bad_choice", {"kind": "telepathy"}),
    ("invoice", "bad_decimal", {"amount": "1.234,5.6"}),
    ("ticket", "missing_value", {"created_at": ""}),
)
_ADDED = (
    ("return_line", "unknown_reference", {"return_id": "R99999", "order_line_id": "L999998"}),
    ("subscription", "duplicate_key", {}),
    ("target", "bad_choice", {"target_id": "G9999", "period_grain": "fortnight"}),
    ("campaign_member", "unknown_reference", {"member_id": "M99999", "account_id": "A99999"}),
    ("ticket_event", "bad_choice", {"event_id": "V999999", "kind": "telepathy"}),
    ("service_cost", "bad_decimal", {"service_cost_id": "E9999", "amount": "12,3x"}),
    ("business_schedule", "out_of_range", {"schedule_id": "nowhere", "opens": "25:00"}),
    ("holiday", "out_of_range", {"schedule_id": "nowhere", "opens": "12:00", "closes": "09:00"}),
    ("cost", "missing_value", {"cost_id": "E9999", "category": ""}),
    ("project_task", "unknown_reference", {"task_id": "K999", "project_id": "J99"}),
    ("report_decision", "missing_value", {"decision_id": "N999", "report": ""}),
    ("market_size", "bad_choice", {"market_size_id": "Z999", "unit": "weight"}),
    ("competitor_observation", "bad_choice", {"observation_id": "V9999", "kind": "rumour"}),
)


@dataclass(frozen=True)
class SpoiltCompany:
    """The files' rows by entity, and the company as it is without the rows that must be quarantined."""

    rows: dict[str, list[TextRow]]
    good: Company


def spoil(company: Company) -> SpoiltCompany:
    """Return the company's rows as text with the mistakes in them, and the company that remains without those rows."""
    files = Files(company)
    orders = _ordinary_orders(company)
    _spoil_orders(files, orders, company)
    _spoil_lines(files, orders[len(orders) // 2 :], company)
    _spoil_payments(files)
    _spoil_surveys(files, company)
    _spoil_deals(files, company)
    _spoil_the_rest(files, company)
    return SpoiltCompany(files.rows, _without_bad_rows(company, files))


def _ordinary_orders(company: Company) -> list[Order]:
    """Return sold orders of at least two lines, whose loss and whose lines' loss changes nothing but themselves."""
    tests = {a.account_id for a in company.accounts if a.is_test}
    lines = Counter(line.order_id for line in company.order_lines)
    odd = {line.order_id for line in company.order_lines if line.product_id == UNKNOWN_PRODUCT}
    return [
        order
        for order in company.orders
        if order.status == "delivered"
        and not (order.is_test or order.is_deleted or order.account_id in tests)
        and order.order_id not in odd
        and lines[order.order_id] >= 2
    ]


def _spoil_orders(files: Files, orders: list[Order], company: Company) -> None:
    """Spoil four orders; what refers to them is lost with them: of one a survey, of one an invoice."""
    surveys = Counter(s.order_id for s in company.survey_responses)
    entangled = _with_returns(company) | {t.order_id for t in company.tickets} | _from_deals(company)
    orders = [o for o in orders if o.order_id not in entangled]
    billed = {i.order_id for i in company.invoices if i.status == "issued"}
    silent = [o for o in orders if o.order_id not in surveys and o.order_id not in billed]
    first, second = silent[len(silent) // 5], silent[len(silent) // 3]
    third = [o for o in orders if o.order_id in billed][-1]
    surveyed = next(o for o in orders if surveys[o.order_id] == 1 and o.order_id not in billed)
    files.change("order", first.order_id, "bad_timestamp", ordered_at="2023-13-45T10:00:00Z")
    files.change("order", second.order_id, "bad_choice", status="teleported")
    files.change("order", third.order_id, "missing_value", account_id="")
    files.change("order", surveyed.order_id, "unknown_reference", account_id="A99999")
    lost = {first.order_id, second.order_id, third.order_id, surveyed.order_id}
    files.lose("order", lost, company)


def _with_returns(company: Company) -> set[str]:
    """Return the orders of which something came back."""
    returned = {r.order_line_id for r in company.return_lines}
    return {line.order_id for line in company.order_lines if line.order_line_id in returned}


def _from_deals(company: Company) -> set[str]:
    return {order.order_id for order in company.orders if order.opportunity_id}


def _spoil_lines(files: Files, orders: list[Order], company: Company) -> None:
    """Spoil one line each of three orders of which another line remains, and add two that should not be there."""
    first: dict[str, str] = {}
    good = set(files.good("order_line"))
    for line in company.order_lines:
        if line.order_line_id in good:
            first.setdefault(line.order_id, line.order_line_id)
    lines = [first[order.order_id] for order in orders if order.order_id in first]
    step = len(lines) // 4
    files.change("order_line", lines[0], "bad_decimal", unit_price="12,3x")
    files.add_like("order_line", lines[step], "duplicate_key")
    files.lose_field("order_line", lines[2 * step])
    files.add_like("order_line", lines[3 * step], "unknown_reference", order_line_id="L999999", order_id="O999999")
    files.lose("order_line", {lines[0], lines[2 * step]}, company)


def _spoil_payments(files: Files) -> None:
    good = files.good("payment")
    files.add_like("payment", good[len(good) // 4], "missing_key", payment_id="")
    files.add_like("payment", good[len(good) // 2], "unknown_reference", payment_id="Y999999", order_id="O999999")


def _spoil_surveys(files: Files, company: Company) -> None:
    good = set(files.good("survey_response"))
    tests = {a.account_id for a in company.accounts if a.is_test}
    usual = [
        s
        for s in company.survey_responses
        if s.score is not None and s.order_id and s.response_id in good and s.account_id not in tests
    ]
    csat = [s for s in usual if s.survey_kind == "csat"]
    off_scale, disputed, stray = csat[len(csat) // 3], csat[len(csat) // 2], usual[-1]
    files.change("survey_response", off_scale.response_id, "out_of_range", score="9")
    files.change("survey_response", disputed.response_id, "conflicting_key")
    other = "1" if disputed.score > 2 else "5"
    files.add_like("survey_response", disputed.response_id, "conflicting_key", score=other)
    files.add_like("survey_response", stray.response_id, "unknown_reference", response_id="S99999", order_id="O999999")


def _spoil_deals(files: Files, company: Company) -> None:
    """Spoil a deal that nothing but its log depends on, and add changes that nobody can place."""
    linked = {order.opportunity_id for order in company.orders}
    free = [o for o in company.opportunities if not o.lead_id and o.opportunity_id not in linked and not o.is_deleted]
    deal = next(o for o in reversed(free) if o.closed_at and o.amount is not None and not o.is_test)
    files.change("opportunity", deal.opportunity_id, "unknown_reference", lead_id="D99999")
    files.lose("opportunity", {deal.opportunity_id}, company)
    changes = files.good("opportunity_stage_change")
    kind = "opportunity_stage_change"
    files.add_like(kind, changes[len(changes) // 3], "missing_value", change_id="H999998", to_stage="")
    files.add_like(kind, changes[len(changes) // 2], "unknown_reference", change_id="H999999", opportunity_id="W99999")


def _spoil_the_rest(files: Files, company: Company) -> None:
    """Spoil one row each of activities, invoices and tickets, and add bad ones of other entities."""
    special = {None} | {a.account_id for a in company.accounts if a.is_test or a.is_deleted}
    aside = {o.order_id for o in company.orders if o.is_test or o.is_deleted}
    for entity, reason, columns in _CHANGED:
        good = set(files.good(entity))
        rows = [row for row in rows_of(company, entity) if row.account_id not in special and key_of(row) in good]
        usual = [key_of(row) for row in rows if getattr(row, "order_id", None) not in aside]
        files.change(entity, usual[len(usual) // 2], reason, **columns)
        files.lose(entity, {usual[len(usual) // 2]}, company)
    for entity, reason, columns in _ADDED:
        good = files.good(entity)
        files.add_like(entity, good[len(good) // 3], reason, **columns)


def _without_bad_rows(company: Company, files: Files) -> Company:
    """Return the company without the rows that were spoilt; a row of which only a copy was spoilt stays."""
    kept = {}
    for entity in ENTITIES:
        good = set(files.good(entity))
        kept[plural(entity)] = tuple(row for row in rows_of(company, entity) if key_of(row) in good)
    return Company(**kept)
