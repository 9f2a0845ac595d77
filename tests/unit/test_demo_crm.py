"""The demo company holds every case that is easily got wrong, however small it is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from pipelines.demo.calendar import AS_OF, local_day
from pipelines.demo.company import build_company
from pipelines.demo.customers import Population
from pipelines.demo.model import Company, Opportunity, OpportunityStageChange
from pipelines.demo.spoil import spoil

TODAY = local_day(AS_OF) - timedelta(days=1)
Log = dict[str, list[OpportunityStageChange]]


@pytest.fixture(scope="module", params=[(7, 0.05), (11, 0.05), (7, 1.0)], ids=["small", "other-seed", "whole"])
def everything(request: pytest.FixtureRequest) -> Company:
    return build_company(*request.param)


@pytest.fixture(scope="module")
def company(everything: Company) -> Company:
    """The company without the rows that are spoilt."""
    return spoil(everything).good


def log_of(company: Company) -> Log:
    log = defaultdict(list)
    for change in company.opportunity_stage_changes:
        log[change.opportunity_id].append(change)
    return log


def logged(company: Company) -> Iterator[tuple[Opportunity, list[OpportunityStageChange]]]:
    log = log_of(company)
    return ((deal, log[deal.opportunity_id]) for deal in company.opportunities if deal.opportunity_id in log)


def ids_of(rows: Iterable, column: str) -> set:
    return {getattr(row, column) for row in rows}


def test_accounts_say_who_the_person_is_unless_nobody_knows(company):
    persons = [a for a in company.accounts if a.account_type == "person"]
    assert {a.gender for a in persons} >= {"female", "male", None}
    assert {a.birth_date is None for a in persons} == {True, False}
    assert not any(a.birth_date or a.gender for a in company.accounts if a.account_type == "organisation")
    assert any("|" in (a.tags or "") for a in company.accounts)
    for column in ("tags", "campaign_id", "owner_user_id"):
        assert {getattr(a, column) is None for a in company.accounts} == {True, False}
    customer = Population(company).customer
    born = defaultdict(set)
    for account in persons:
        born[customer[account.account_id]].add((account.birth_date, account.gender))
    assert all(len(known) == 1 for known in born.values())


def test_every_organisation_has_contacts_and_some_do_not_want_to_be_contacted(company):
    organisations = {a.account_id for a in company.accounts if a.account_type == "organisation"}
    contacts = Counter(c.account_id for c in company.contacts)
    assert contacts.keys() == organisations
    assert set(contacts.values()) == {1, 2}
    assert any(c.do_not_contact for c in company.contacts)


def test_teams_have_a_parent_a_seller_without_a_team_and_somebody_who_left(company):
    teams = {t.team_id: t for t in company.teams}
    assert sum(t.parent_team_id in teams for t in company.teams) == 1
    sellers = [u for u in company.users if u.role == "sales"]
    assert len(sellers) == 8
    assert {u.team_id is None for u in sellers} == {True, False}
    assert ids_of(company.users, "team_id") - {None} == teams.keys()
    assert ids_of(company.users, "manager_user_id") - {None} <= ids_of(company.users, "user_id")
    (left,) = [u for u in company.users if u.left_on]
    assert not left.is_active
    for order in company.orders:
        assert order.owner_user_id != left.user_id or local_day(order.ordered_at) <= left.left_on


def test_a_deal_is_what_the_last_row_of_its_log_says(company):
    with_log = 0
    for deal, changes in logged(company):
        last = changes[-1]
        assert (deal.stage, deal.amount, deal.probability) == (last.to_stage, last.amount, last.probability)
        assert deal.expected_close_on == last.expected_close_on
        assert changes[0].changed_at >= deal.created_at
        assert all(
            one.changed_at <= two.changed_at and one.to_stage == two.from_stage for one, two in pairwise(changes)
        )
        if deal.closed_at:
            assert last.changed_at == deal.closed_at
            assert last.from_stage != last.to_stage
        with_log += 1
    assert 0.75 < with_log / len(company.opportunities) < 0.92
    for deal in company.opportunities:
        ends = {"won": ("won", 1), "lost": ("lost", 0)}
        assert (deal.stage, deal.probability) == ends.get(deal.outcome, (deal.stage, deal.probability))
        assert (deal.outcome == "open") == (deal.closed_at is None) == (deal.stage not in ends)


def test_logs_tell_every_kind_of_story(company):
    positions = {(s.pipeline, s.stage): s.position for s in company.stages if s.kind == "open"}
    seen = Counter()
    for deal, changes in logged(company):
        steps = [c.to_stage for c in changes if c.from_stage != c.to_stage]
        places = [positions.get((deal.pipeline, stage)) for stage in steps]
        moves = [(a, b) for a, b in pairwise(places) if a and b]
        first = changes[0]
        seen["first row at creation"] += first.from_stage is None and first.changed_at == deal.created_at
        seen["no first row"] += first.from_stage is not None
        seen["late start"] += first.from_stage is None and places[0] != 1
        seen["skipped"] += any(b > a + 1 for a, b in moves)
        seen["backward"] += any(b < a for a, b in moves)
        seen["re-entered"] += any(places.count(place) > 1 for place in places if place)
        seen["a stage that is gone"] += "trial" in steps
        for before, after in pairwise(changes):
            seen["reopened, now " + deal.outcome] += before.to_stage == "lost"
            if before.to_stage == after.to_stage:
                seen["increase"] += (after.amount or 0) > (before.amount or 0)
                seen["decrease"] += (after.amount or 0) < (before.amount or 0)
                seen["other odds"] += after.probability != before.probability
            months = [c.expected_close_on.strftime("%Y-%m") for c in (before, after)]
            seen["pushed into another month"] += months[0] < months[1]
            seen["pulled into another month"] += months[0] > months[1]
            seen["at once"] += before.changed_at == after.changed_at
    assert {story for story, count in seen.items() if not count} == set()
    assert {"reopened, now won", "reopened, now lost", "reopened, now open"} < seen.keys()
    assert "trial" not in ids_of(company.stages, "stage")


def test_deals_have_the_cases_that_reports_leave_out_or_count(company):
    deals, tests = company.opportunities, {a.account_id for a in company.accounts if a.is_test}
    assert sum(d.is_deleted for d in deals) == sum(d.is_test for d in deals) == 1
    assert sum(d.account_id in tests for d in deals) == 1
    assert sum(d.amount is None for d in deals) == 2
    assert any(d.amount is None for d in deals if d.outcome == "open")
    assert sum(d.probability is None for d in deals) == 1
    assert {d.expected_close_on <= TODAY for d in deals if d.outcome == "open"} == {True, False}
    assert ids_of(deals, "lost_reason") >= {"price", "competitor", "no decision", "duplicate", None}
    assert {d.competitor is None for d in deals} == {True, False}
    assert ids_of(deals, "pipeline") == {"retail", "business"}
    ahead = [(d.expected_close_on - local_day(d.created_at)).days for d in deals]
    assert all(days > 0 for days in ahead)


def test_orders_follow_the_deals_they_come_from(company):
    deals = {d.opportunity_id: d for d in company.opportunities}
    linked = [o for o in company.orders if o.opportunity_id]
    assert len(linked) >= 3
    for order in linked:
        deal = deals[order.opportunity_id]
        assert order.channel == "sales_team"
        assert deal.outcome == "won"
        assert deal.account_id == order.account_id
        assert deal.closed_at < order.ordered_at
        assert deal.currency == order.currency


def test_activities_are_of_every_kind_and_some_name_nobody(company):
    done = company.activities
    assert ids_of(done, "kind") == {"email", "call", "meeting", "chat", "visit", "other"}
    sent = [a for a in done if a.kind == "email" and a.direction == "out"]
    assert {a.opened_at is None for a in sent} == {a.replied_at is None for a in sent} == {True, False}
    assert any(a.kind == "email" and a.direction == "in" for a in done)
    assert all((a.duration_seconds is None) == (a.kind in ("email", "other")) for a in done)
    assert {a.account_id is None for a in done} == {a.lead_id is None for a in done} == {True, False}
    assert any(a.opportunity_id for a in done)
    tests = {a.account_id for a in company.accounts if a.is_test}
    deleted = {a.account_id for a in company.accounts if a.is_deleted}
    assert any(a.account_id in tests for a in done)
    assert any(a.account_id in deleted for a in done)
    days = defaultdict(list)
    for order in company.orders:
        days[order.account_id].append(order.ordered_at)
    soon = [a for a in done if any(timedelta(0) < at - a.occurred_at < timedelta(30) for at in days[a.account_id])]
    assert len(soon) > len(done) / 20


def test_returns_are_of_delivered_lines_whole_and_in_part(company):
    orders = {o.order_id: o for o in company.orders}
    lines = {line.order_line_id: line for line in company.order_lines}
    tests = {a.account_id for a in company.accounts if a.is_test}
    back, shares = Counter(), set()
    for found in company.return_lines:
        line = lines[found.order_line_id]
        assert found.returned_at > orders[line.order_id].delivered_at
        back[line.order_line_id] += found.quantity
        shares.add(found.quantity < line.quantity)
    assert all(quantity <= lines[line].quantity for line, quantity in back.items())
    assert shares == {True, False}
    assert len(back) < len(company.return_lines)
    assert {r.amount is None for r in company.return_lines} == {True, False}
    assert ids_of(company.return_lines, "reason") == {
        "defect", "wrong size", "damaged in transit", "not as described", None,
    }  # fmt: skip
    returned = [orders[lines[r.order_line_id].order_id] for r in company.return_lines]
    assert any(o.is_deleted for o in returned)
    assert any(o.is_test or o.account_id in tests for o in returned)
    waits = [r.returned_at - o.delivered_at for r, o in zip(company.return_lines, returned, strict=True)]
    assert sum(wait > timedelta(days=150) for wait in waits) == 1


def test_invoices_are_paid_early_late_in_part_too_much_or_not(company):
    paid = defaultdict(list)
    for payment in company.payments:
        paid[payment.order_id].append(payment)
    due = {o.order_id: o.shipping_amount or 0 for o in company.orders}
    for line in company.order_lines:
        due[line.order_id] += line.revenue + (line.shipping_amount or 0)
    found = set()
    orders = {o.order_id: o for o in company.orders}
    lost = {line for line in due if abs(due[line]) == 0}
    for invoice in (i for i in company.invoices if i.status == "issued"):
        order, parts = orders[invoice.order_id], paid[invoice.order_id]
        assert invoice.issued_on == local_day(order.shipped_at)
        assert (invoice.account_id, invoice.currency) == (order.account_id, order.currency)
        assert order.channel in ("sales_team", None)
        assert invoice.order_id not in lost
        total = sum(p.amount for p in parts)
        late = [(local_day(p.paid_at) - (invoice.due_on or invoice.issued_on)).days for p in parts]
        found |= {_bucket(days) for days in late}
        found.add("without a due date" if invoice.due_on is None else "with a due date")
        found.add("instalments" if len(parts) > 1 else "at once")
        found.add("unpaid" if not parts else "overpaid" if total > invoice.amount else "paid")
        found |= {"named" if p.invoice_id == invoice.invoice_id else "by order only" for p in parts}
        found.add(invoice.currency)
    assert found == {
        "in time", "1-30", "31-60", "61-90", "91+", "without a due date", "with a due date", "instalments", "at once",
        "unpaid", "overpaid", "paid", "named", "by order only", "EUR", "USD",
    }  # fmt: skip
    assert sum(i.amount < 0 for i in company.invoices) == 1
    assert sum(i.status == "void" for i in company.invoices) == 1


def _bucket(days: int) -> str:
    for last, name in ((0, "in time"), (30, "1-30"), (60, "31-60"), (90, "61-90")):
        if days <= last:
            return name
    return "91+"


def test_contracts_run_end_renew_and_are_cancelled(company):
    found, chains = set(), defaultdict(list)
    bought = ids_of(company.orders, "account_id")
    for contract in company.subscriptions:
        chains[contract.account_id].append(contract)
        assert contract.starts_on <= TODAY
        assert contract.cancelled_on is None or contract.starts_on < contract.cancelled_on <= TODAY
        found.add(contract.currency)
        found.add("of a buyer" if contract.account_id in bought else "of nobody")
        if contract.cancelled_on:
            found.add(f"cancelled {contract.cancel_reason}")
        elif contract.ends_on is None:
            found.add("runs on")
        else:
            found.add("ended" if contract.ends_on <= TODAY else "will end")
    for chain in chains.values():
        for before, after in pairwise(sorted(chain, key=lambda c: c.starts_on)):
            assert 1 <= (after.starts_on - before.ends_on).days <= 10
            found.add("next day" if after.starts_on == before.ends_on + timedelta(days=1) else "after a gap")
            found.add("up" if after.monthly_amount > before.monthly_amount else "down")
    assert found == {
        "EUR", "USD", "of a buyer", "of nobody", "cancelled price", "cancelled moved", "cancelled competitor",
        "cancelled None", "runs on", "ended", "will end", "next day", "after a gap", "up", "down",
    }  # fmt: skip


def test_targets_are_of_every_level_and_one_seller_has_a_quarter(company):
    grains = defaultdict(set)
    for target in company.targets:
        grains[target.level, target.metric].add(target.period_grain)
        assert (target.member_id is None) == (target.level == "company")
        assert target.amount > 0
    assert grains == {
        (level, metric): {"month", "quarter"} if level == "user" else {"month"}
        for level in ("company", "team", "user")
        for metric in ("revenue", "won_amount")
    }
    starts = {t.period_start for t in company.targets if t.level == "company" and t.metric == "won_amount"}
    assert (len(starts), max(starts)) == (30, date(2026, 6, 1))
    quarter = next(t for t in company.targets if t.period_grain == "quarter")
    own = [t for t in company.targets if (t.member_id, t.metric) == (quarter.member_id, quarter.metric)]
    months = {t.period_start for t in own if t.period_grain == "month"}
    assert not months & {quarter.period_start + timedelta(days=31 * n) for n in range(3)}
    assert len(months) == 21
    sellers = {u.user_id for u in company.users if u.role == "sales"}
    assert sellers - ids_of(company.targets, "member_id")


def test_campaigns_reach_silent_customers_and_hold_some_out(company):
    campaigns = {c.campaign_id: c for c in company.campaigns}
    assert {c.holdout_share for c in company.campaigns if c.kind == "retention"} == {Decimal("0.2")}
    members = [m for m in company.campaign_members if m.account_id]
    held_out = sum(m.is_holdout for m in members) / len(members)
    assert 0.1 < held_out < 0.3
    population, found = Population(company), Counter()
    for member in members:
        assert campaigns[member.campaign_id].kind == "retention"
        assert member.is_holdout == (member.invited_at is None)
        day = local_day(member.invited_at) if member.invited_at else campaigns[member.campaign_id].starts_on
        days = population.purchases.get(population.customer[member.account_id], [])
        last = max((d for d in days if d < day), default=None)
        if last and (day - last).days > 90:
            back = any(day < d <= day + timedelta(days=30) for d in days)
            found["held out" if member.is_holdout else "treated", back] += 1
    assert {group for group, _ in found} == {"held out", "treated"}
    assert found["treated", True] > 0
    rows = company.campaign_members
    for column in ("delivered_at", "bounced_at", "opened_at", "clicked_at", "responded_at", "attended_at", "lead_id"):
        assert any(getattr(m, column) for m in rows), column
    assert len({(m.campaign_id, m.account_id, m.lead_id) for m in rows}) == len(rows)


def test_costs_of_channels_that_orders_and_leads_have(company):
    costs = company.campaign_costs
    assert ids_of(costs, "currency") == {"EUR", "USD"}
    assert any(c.campaign_id is None and c.channel for c in costs)
    assert any(c.campaign_id is None and c.channel is None for c in costs)
    channels = ids_of(costs, "channel")
    assert channels & ids_of(company.orders, "channel") - {None} == {"paid_search", "social"}
    assert ids_of(company.leads, "channel") <= channels
    campaigns = {c.campaign_id: c for c in company.campaigns}
    for cost in (c for c in costs if c.campaign_id):
        campaign = campaigns[cost.campaign_id]
        assert campaign.channel == cost.channel
        assert campaign.starts_on <= cost.spent_on <= campaign.ends_on
    assert ids_of(costs, "campaign_id") - {None} == campaigns.keys()


def test_touches_come_before_what_they_lead_to(everything, company):
    ends = defaultdict(list)
    for order in everything.orders:
        ends[order.account_id].append(order.ordered_at)
    for lead in company.leads:
        ends[lead.lead_id].append(lead.converted_at or lead.created_at)
    tests = {a.account_id for a in company.accounts if a.is_test}
    before = moments = 0
    for touch in company.touchpoints:
        assert (touch.account_id is None) != (touch.lead_id is None)
        if touch.account_id not in tests:
            assert any(touch.occurred_at < end for end in ends[touch.account_id or touch.lead_id])
            before += 1
    assert before > 100
    moments = Counter((t.account_id, t.lead_id, t.occurred_at) for t in company.touchpoints)
    assert max(moments.values()) == 2
    assert {t.campaign_id is None for t in company.touchpoints} == {True, False}
    assert None in ids_of(company.touchpoints, "channel")


def test_tickets_are_of_every_kind_and_some_are_still_open(company):
    tickets = company.tickets
    assert ids_of(tickets, "kind") == {"question", "incident", "request", "complaint"}
    assert ids_of(tickets, "status") >= {"open", "pending", "closed"}
    for ticket in tickets:
        steps = [ticket.created_at, ticket.first_replied_at, ticket.solved_at, ticket.closed_at]
        known = [moment for moment in steps if moment]
        assert known == sorted(known) == steps[: len(known)]
        assert (ticket.status in ("solved", "closed")) == (ticket.solved_at is not None)
        assert (ticket.assignee_user_id is None) == (ticket.first_replied_at is None)
    orders = {o.order_id: o for o in company.orders}
    assert any(orders[t.order_id].is_deleted for t in tickets if t.order_id)
    tests = {a.account_id for a in company.accounts if a.is_test}
    assert any(t.account_id in tests for t in tickets)
    assert any(t.account_id is None for t in tickets)
    service = {u.user_id for u in company.users if u.role == "service"}
    assert ids_of(tickets, "assignee_user_id") - {None} <= service
    last: dict[str, datetime] = {}
    for order in company.orders:
        last[order.account_id] = order.ordered_at
    left = [t for t in tickets if t.account_id in last and t.created_at > last[t.account_id]]
    assert any(last[t.account_id] < AS_OF - timedelta(days=365) and t.kind == "complaint" for t in left)


def test_markets_are_measured_by_several_and_corrected(company):
    sizes = company.market_sizes
    about = defaultdict(list)
    for size in sizes:
        about[size.period_grain, size.period_start, size.country, size.segment, size.unit, size.province].append(size)
    several = [found for found in about.values() if len(found) > 1]
    assert {len({size.publisher for size in found}) for found in several} == {1, 2}
    assert {size.unit for size in sizes} == {"value", "volume"}
    assert ids_of(sizes, "currency") == {"EUR", "USD", None}
    sold_in = ids_of(company.orders, "country")
    assert {size.country in sold_in for size in sizes if size.country} == {True, False}
    lines = ids_of(company.products, "product_line")
    assert {size.segment in lines for size in sizes if size.segment} == {True, False}
    first = min(local_day(order.ordered_at) for order in company.orders)
    assert {size.period_start < first for size in sizes} == {True, False}
    assert max(size.period_start for size in sizes) > TODAY
    assert all(size.published_on <= TODAY for size in sizes)


def test_competitors_are_seen_on_one_day_twice_and_one_is_in_no_deal(company):
    seen = company.competitor_observations
    prices = [o for o in seen if o.kind == "price"]
    assert max(Counter((o.competitor, o.observed_on) for o in prices).values()) > 1
    assert ids_of(prices, "currency") == {"EUR", "USD", None}
    assert ids_of(seen, "kind") == {"price", "sales", "product", "strategy"}
    assert {o.note is None for o in seen} == {True, False}
    assert ids_of(seen, "competitor") - ids_of(company.opportunities, "competitor") == {"Fjord & Fell"}
