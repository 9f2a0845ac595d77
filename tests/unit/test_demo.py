"""The demo company: its files hold what its known answers say, whoever adds them up."""

import csv
import gzip
import json
import os
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.demo.customers import customers_of
from pipelines.demo.model import Account, ExchangeRate
from pipelines.demo.money import Rates, booked
from pipelines.demo.write import ensure_demo, generate
from pipelines.errors import RapportError

BERLIN = ZoneInfo("Europe/Berlin")
SOLD = {"confirmed", "shipped", "delivered"}
STATUSES = SOLD | {"draft", "cancelled", "unavailable"}
KEYS = {
    "exchange_rate": ("from_currency", "to_currency", "valid_from"),
    "stage": ("pipeline", "stage"),
    "business_schedule": ("schedule_id", "weekday", "opens", "valid_from"),
    "holiday": ("schedule_id", "date"),
}
# What quarantines a row if it is named and not there.
_ACCOUNT = {"account_id": "account"}
_SOMEBODY = {"account_id": "account", "lead_id": "lead"}
_ORDER = {"account_id": "account", "order_id": "order"}
PARENTS = {
    "activity": _ACCOUNT,
    "campaign_member": _SOMEBODY,
    "contact": _ACCOUNT,
    "invoice": _ORDER,
    "lead": _ACCOUNT,
    "opportunity": _SOMEBODY,
    "opportunity_stage_change": {"opportunity_id": "opportunity"},
    "order": _ACCOUNT,
    "order_line": {"order_id": "order"},
    "payment": _ORDER,
    "return_line": {"order_line_id": "order_line"},
    "subscription": _ACCOUNT,
    "survey_response": _ORDER,
    "ticket": _ORDER,
    "ticket_event": {"ticket_id": "ticket"},
    "touchpoint": _SOMEBODY,
    "cost": {"account_id": "account", "project_id": "project"},
    "project": _ACCOUNT,
    "project_task": {"project_id": "project"},
}
CHOICES = {
    "activity": ("kind", {"email", "call", "meeting", "chat", "visit", "other"}),
    "order": ("status", STATUSES),
    "target": ("period_grain", {"day", "week", "month", "quarter", "year"}),
    "ticket_event": ("kind", {"status", "priority", "assignee", "public_reply", "private_note", "merge"}),
    "market_size": ("unit", {"value", "volume"}),
    "competitor_observation": ("kind", {"price", "sales", "product", "strategy"}),
}
AMOUNTS = {"invoice": "amount", "order_line": "unit_price", "service_cost": "amount"}
IMPOSSIBLE = {
    "survey_response": lambda r: Decimal(r["score"]) > Decimal(r["scale_max"]),
    "business_schedule": lambda r: r["opens"] > "24:00",
    "holiday": lambda r: r["closes"] <= r["opens"],
}
REQUIRED = {"opportunity_stage_change": "to_stage", "order": "account_id", "ticket": "created_at"}
REQUIRED |= {"cost": "category", "report_decision": "report"}


@dataclass(frozen=True)
class Demo:
    """A generated demo."""

    folder: Path
    answers: dict


@pytest.fixture(scope="module", params=[(7, 0.05), (11, 0.05), (7, 1.0)], ids=["small", "other-seed", "whole"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    seed, scale = request.param
    generate(folder, seed, scale)
    return Demo(folder, json.loads((folder / "known_answers.json").read_text(encoding="utf-8")))


# An independent reader: the standard library and the contract, nothing of the generator.


def lines_of(demo: Demo, entity: str) -> list[str]:
    """Return the lines of a file with its header, without line ends."""
    raw = (demo.folder / "source" / demo.answers["files"][entity]).read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    return raw.decode().splitlines()


def records_of(demo: Demo, entity: str) -> list[tuple[int, list[str], dict[str, str] | None]]:
    """Return (line, fields, record) of every row; the record is None if the fields are not as many as the names."""
    lines = lines_of(demo, entity)
    if lines[0].startswith("{"):
        return [(n, [], {k: v or "" for k, v in json.loads(line).items()}) for n, line in enumerate(lines, 2)]
    header, *rows = csv.reader(lines, delimiter=";" if ";" in lines[0] else ",")
    return [
        (n, row, dict(zip(header, row, strict=True)) if len(row) == len(header) else None)
        for n, row in enumerate(rows, 2)
    ]


def instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def half_up(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


@dataclass
class Reread:
    """What a plain loop over the files finds."""

    revenue: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    excluded: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    cost: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    orders: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    purchases: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    members: dict[tuple[str, str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    buckets: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    documents: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def rate_on(rates: list[dict[str, str]], currency: str, moment: datetime) -> Decimal:
    if currency == "EUR":
        return Decimal(1)
    day = moment.astimezone(BERLIN).date().isoformat()
    return Decimal(max((r["valid_from"], r["rate"]) for r in rates if r["valid_from"] <= day)[1])


def merged(accounts: list[dict[str, str]]) -> dict[str, str]:
    """Return account -> customer by spreading the smallest name along shared marks until nothing changes."""
    names = {a["account_id"]: a["account_id"] for a in accounts}
    changed = True
    while changed:
        changed = False
        for mark in ("email", "tax_id"):
            groups = defaultdict(list)
            for account in accounts:
                if value := account[mark].strip().lower():
                    groups[value].append(account["account_id"])
            for group in groups.values():
                name = min(names[a] for a in group)
                changed = changed or any(names[a] != name for a in group)
                names.update(dict.fromkeys(group, name))
    return names


def reread(demo: Demo) -> Reread:
    found = Reread()
    accounts = {r["account_id"]: r for _, _, r in records_of(demo, "account")}
    customers = merged(list(accounts.values()))
    products = {r["product_id"]: r for _, _, r in records_of(demo, "product")}
    rates = [r for _, _, r in records_of(demo, "exchange_rate")]
    orders = {}
    for _, _, order in records_of(demo, "order"):
        moment = instant(order["ordered_at"])
        if moment and order["status"] in STATUSES and order["account_id"] in accounts:
            test = "true" in (order["is_test"], accounts[order["account_id"]]["is_test"])
            sold = order["status"] in SOLD and not test and order["is_deleted"] != "true"
            reasons = {"deleted": order["is_deleted"] == "true", "test": test, order["status"]: not sold}
            bucket = next((name for name, applies in reasons.items() if applies), "")
            orders[order["order_id"]] = (order, moment, sold, bucket)
            if sold:
                day = moment.astimezone(BERLIN).date()
                found.orders[str(day.year)] += 1
                found.purchases[customers[order["account_id"]]].append(day)
    seen = set()
    for _, fields, line in records_of(demo, "order_line"):
        price = number(line["unit_price"]) if line else None
        if line is None or price is None or line["order_id"] not in orders or tuple(fields) in seen:
            continue
        seen.add(tuple(fields))
        order, moment, sold, bucket = orders[line["order_id"]]
        rate, quantity = rate_on(rates, order["currency"], moment), Decimal(line["quantity"])
        year = str(moment.astimezone(BERLIN).year)
        amount = (quantity * price - Decimal(line["discount_amount"] or 0)) * rate
        (found.revenue if sold else found.excluded)[year] += amount
        found.buckets[bucket] += amount
        if sold:
            found.documents[year, order["order_id"]] += amount
        if sold:
            product = products.get(line["product_id"], {})
            region = f"{order['country']}|{order['province'] or '(unknown)'}"
            found.members["product", year, product.get("product_id", "(unknown)")] += amount
            found.members["product_line", year, product.get("product_line", "(unknown)")] += amount
            found.members["channel", year, order["channel"] or "(unknown)"] += amount
            found.members["region", year, region] += amount
        if sold and line["unit_cost"]:
            found.cost[year] += quantity * Decimal(line["unit_cost"]) * rate
        elif sold:
            found.cost[year] += quantity * Decimal(products[line["product_id"]]["unit_cost"])
    return found


def test_reading_the_files_again_gives_the_same_sales_per_year(demo: Demo):
    again = reread(demo)
    years = demo.answers["sales"]["year"]
    assert list(years) == ["2023", "2024", "2025"]
    for year, figures in years.items():
        assert Decimal(figures["revenue_exact"]) == again.revenue[year] > 0
        invoiced = (Decimal(half_up(amount)) for (of, _), amount in again.documents.items() if of == year)
        assert figures["revenue"] == str(sum(invoiced))
        assert Decimal(figures["cost_exact"]) == again.cost[year] > 0
        assert figures["orders"] == again.orders[year]
        excluded = sum(
            Decimal(bucket["revenue_exact"])
            for month, buckets in demo.answers["excluded_revenue"].items()
            for bucket in buckets.values()
            if month.startswith(year)
        )
        assert excluded == again.excluded[year]


def test_reading_the_files_again_gives_the_same_breakdowns_and_exclusions(demo: Demo):
    again = reread(demo)
    assert again.members == {
        (dimension, year, member): Decimal(known["revenue_exact"])
        for dimension, breakdown in demo.answers["revenue_by"].items()
        for year, members in breakdown["year"].items()
        for member, known in members.items()
    }
    for bucket in ("deleted", "test", "cancelled", "unavailable", "draft"):
        months = demo.answers["excluded_revenue"].values()
        assert sum(Decimal(m[bucket]["revenue_exact"]) for m in months) == again.buckets[bucket] > 0


def contract_days(demo: Demo) -> dict[str, set[date]]:
    """Return customer -> the days on which a contract runs, with the days before a renewal: 30 at most."""
    accounts = {r["account_id"]: r for _, _, r in records_of(demo, "account")}
    customers, found = merged(list(accounts.values())), defaultdict(set)
    for _, _, contract in records_of(demo, "subscription"):
        if accounts[contract["account_id"]]["is_test"] == "true":
            continue
        day, after = date.fromisoformat(contract["starts_on"]), contract["cancelled_on"] or "9999"
        while day.isoformat() < after and day.isoformat() <= (contract["ends_on"] or "2025-12-31"):
            found[customers[contract["account_id"]]].add(day)
            day += timedelta(days=1)
    for days in found.values():
        for day, following in pairwise(sorted(days)):
            if (following - day).days - 1 <= 30:
                days.update(day + timedelta(days=n) for n in range(1, (following - day).days))
    return found


def state_at(end: date, purchases: list[date], contract: set[date]) -> str | None:
    past = [day for day in purchases if day <= end]
    if not past:
        return None
    age = (end - max(past)).days
    if age <= 90 or end in contract:
        return "closing_active"
    left_with_contract = any(max(past) + timedelta(days=90) < day < end and day >= min(past) for day in contract)
    return "churned" if age > 365 or left_with_contract else "silent"


def test_reading_the_files_again_gives_the_same_customers(demo: Demo):
    purchases, contracts = reread(demo).purchases, contract_days(demo)
    for year, figures in demo.answers["sales"]["year"].items():
        assert figures["customers"] == sum(any(str(d.year) == year for d in days) for days in purchases.values())
        assert figures["new_customers"] == sum(str(min(days).year) == year for days in purchases.values())
    for month, base in demo.answers["customer_base"].items():
        end = (date.fromisoformat(f"{month}-01") + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found = Counter(state_at(end, days, contracts.get(customer, set())) for customer, days in purchases.items())
        for state in ("closing_active", "silent", "churned"):
            assert base[state] == found[state]


def test_prospects_are_the_ordinary_customers_who_have_not_bought(demo: Demo):
    accounts = [r for _, _, r in records_of(demo, "account")]
    customers, bought = merged(accounts), set(reread(demo).purchases)
    ordinary = {customers[a["account_id"]] for a in accounts if "true" not in (a["is_test"], a["is_deleted"])}
    assert demo.answers["customer_base"]["2025-12"]["prospects"] == len(ordinary - bought)


def test_payments_received_and_excluded_are_all_good_payments(demo: Demo):
    bad = {row["line"] for row in demo.answers["quarantine"]["rows"] if row["entity"] == "payment"}
    rates = [r for _, _, r in records_of(demo, "exchange_rate")]
    months: dict[str, Decimal] = defaultdict(Decimal)
    for line, _, payment in records_of(demo, "payment"):
        if line not in bad:
            moment = datetime.fromisoformat(payment["paid_at"])
            amount = Decimal(payment["amount"]) * rate_on(rates, payment["currency"], moment)
            months[f"{moment.astimezone(BERLIN):%Y-%m}"] += amount
    known: dict[str, Decimal] = defaultdict(Decimal)
    for part in demo.answers["payments"].values():
        for month, members in part.items():
            known[month] += sum(Decimal(m["amount_exact"]) for m in members.values())
    assert known == months
    buckets = {bucket for members in demo.answers["payments"]["excluded"].values() for bucket in members}
    assert buckets == {"deleted", "test"}


# Identities between the known answers.


def test_breakdowns_add_up_to_the_total(demo: Demo):
    for breakdown in demo.answers["revenue_by"].values():
        for grain in ("month", "year"):
            for key, total in demo.answers["sales"][grain].items():
                members = breakdown[grain].get(key, {}).values()
                for amount in ("revenue", "revenue_exact"):
                    assert sum(Decimal(m[amount]) for m in members) == Decimal(total[amount])


def test_months_add_up_to_quarters_and_years(demo: Demo):
    sales = demo.answers["sales"]
    summed = ("revenue", "revenue_exact", "cost", "cost_exact", "gross_profit", "units", "orders", "new_customers")
    for measure in summed:
        total = {grain: sum(Decimal(f[measure]) for f in periods.values()) for grain, periods in sales.items()}
        assert total["month"] == total["quarter"] == total["year"]
    assert [len(sales[grain]) for grain in ("month", "quarter", "year")] == [36, 12, 3]
    for figures in sales["month"].values():
        profit = Decimal(figures["revenue_exact"]) - Decimal(figures["cost_exact"])
        assert Decimal(figures["gross_profit_exact"]) == profit


def test_the_customer_base_carries_over(demo: Demo):
    closing = 0
    for base in demo.answers["customer_base"].values():
        assert base["opening_active"] == closing
        closing = base["closing_active"]
        assert base["opening_active"] + base["new"] + base["reactivated"] - base["lapsed"] == closing
    last = demo.answers["customer_base"]["2025-12"]
    states = last["closing_active"] + last["silent"] + last["churned"] + last["prospects"]
    assert states == demo.answers["customers"]["customers"]


def test_every_row_is_counted_somewhere(demo: Demo):
    answers, quarantined = demo.answers, demo.answers["quarantine"]["counts"]
    for entity, read in answers["rows_read"].items():
        assert read == len(records_of(demo, entity))
    surveys = answers["surveys"]
    sent = sum(f["sent"] for months in surveys["by_month"].values() for f in months.values())
    lost = sum(quarantined["survey_response"].values())
    assert sent + sum(surveys["excluded"].values()) + lost == answers["rows_read"]["survey_response"]
    for split in ("by_channel", "by_campaign"):
        leads = sum(f["leads"] for members in answers["leads"][split]["year"].values() for f in members.values())
        assert leads + answers["leads"]["excluded"]["test"] == answers["rows_read"]["lead"]
    orders = [r for _, _, r in records_of(demo, "order")]
    tests = {r["account_id"] for _, _, r in records_of(demo, "account") if r["is_test"] == "true"}
    aside = sum("true" in (o["is_test"], o["is_deleted"]) or o["account_id"] in tests for o in orders)
    assert sum(answers["orders_by_status"].values()) + aside + sum(quarantined["order"].values()) == len(orders)


def test_the_lead_funnel_is_what_the_files_say(demo: Demo):
    leads = [r for _, _, r in records_of(demo, "lead") if r["is_test"] != "true"]
    bad = {row["key"] for row in demo.answers["quarantine"]["rows"] if row["entity"] == "opportunity"}
    deals = [r for _, _, r in records_of(demo, "opportunity") if r["opportunity_id"] not in bad]
    with_deal, won = {d["lead_id"] for d in deals}, {d["lead_id"] for d in deals if d["outcome"] == "won"}
    for year, known in demo.answers["leads"]["by_year"].items():
        mine = [x for x in leads if str(instant(x["created_at"]).astimezone(BERLIN).year) == year]
        assert known["leads"] == len(mine)
        assert known["qualified"] == sum(bool(x["qualified_at"]) for x in mine)
        assert known["converted"] == sum(bool(x["converted_at"]) or x["lead_id"] in with_deal for x in mine)
        assert known["won"] == sum(x["lead_id"] in won for x in mine)


def test_conversion_takes_the_median_lead_from_its_creation_to_its_date_or_first_opportunity(demo: Demo):
    bad = {row["key"] for row in demo.answers["quarantine"]["rows"] if row["entity"] == "opportunity"}
    begun = defaultdict(list)
    for _, _, deal in records_of(demo, "opportunity"):
        if deal["opportunity_id"] not in bad:
            begun[deal["lead_id"]].append(deal["created_at"])
    waits = defaultdict(list)
    for _, _, lead in records_of(demo, "lead"):
        end = lead["converted_at"] or min(begun[lead["lead_id"]], default="")
        if end and lead["is_test"] != "true":
            created = instant(lead["created_at"])
            waits[str(created.astimezone(BERLIN).year)].append((instant(end) - created).total_seconds() / 86_400)
    for year, known in demo.answers["leads"]["by_year"].items():
        assert float(known["median_days_to_convert"]) == pytest.approx(statistics.median(waits[year]), abs=6e-7)


def test_the_survey_figures_are_what_the_files_say(demo: Demo):
    bad = {r["line"] for r in demo.answers["quarantine"]["rows"] if r["entity"] == "survey_response"}
    tests = {r["account_id"] for _, _, r in records_of(demo, "account") if r["is_test"] == "true"}
    deleted = {r["order_id"] for _, _, r in records_of(demo, "order") if r["is_deleted"] == "true"}
    scores = defaultdict(list)
    for line, _, answer in records_of(demo, "survey_response"):
        if line not in bad and answer["account_id"] not in tests and answer["order_id"] not in deleted:
            assert bool(answer["score"]) == bool(answer["responded_at"])
            if answer["score"]:
                kind = f"{answer['survey_kind']}|{answer['dimension']}"
                scores[kind, answer["responded_at"][:7]].append(int(answer["score"]))
    good_scores = {"csat": {4, 5}, "nps": {9, 10}, "ces": {5, 6, 7}}
    answered = 0
    for kind, months in demo.answers["surveys"]["by_month"].items():
        for month, known in months.items():
            found = scores[kind, month]
            answered += len(found)
            assert known["responses"] == len(found)
            assert known["satisfied"] == sum(score in good_scores[kind.split("|")[0]] for score in found)
            mean = None if known["mean_score"] is None else float(known["mean_score"])
            assert mean == (pytest.approx(statistics.mean(found), abs=6e-7) if found else None)
    assert answered == sum(map(len, scores.values())) > 0


# The mistakes.


def keyed(entity: str, record: dict[str, str]) -> str:
    return "|".join(record[column] for column in KEYS.get(entity, (next(iter(record)),)))


def lost_rows(demo: Demo) -> set[tuple[str, int]]:
    return {(r["entity"], r["line"]) for r in demo.answers["quarantine"]["rows"]}


def known_parents(demo: Demo) -> dict[str, set[str]]:
    """Return the keys of the good rows of every entity that others name."""
    lost = lost_rows(demo)
    return {
        parent: {keyed(parent, r) for line, _, r in records_of(demo, parent) if r and (parent, line) not in lost}
        for parents in PARENTS.values()
        for parent in parents.values()
    }


def unknown_parents(entity: str, record: dict[str, str], known: dict[str, set[str]]) -> list[str]:
    parents = PARENTS.get(entity, {}).items()
    return [column for column, parent in parents if record.get(column) and record[column] not in known[parent]]


def test_every_mistake_is_in_the_files(demo: Demo):
    known = known_parents(demo)
    for row in demo.answers["quarantine"]["rows"]:
        entity = row["entity"]
        records = records_of(demo, entity)
        _, fields, record = records[row["line"] - 2]
        if row["reason"] == "wrong_field_count":
            assert record is None
            assert row["key"] == ""
            continue
        assert keyed(entity, record) == row["key"]
        same = [f for _, f, r in records if r and keyed(entity, r) == row["key"]]
        mistakes = {
            "bad_decimal": lambda e=entity, r=record: number(r[AMOUNTS[e]]) is None,
            "bad_timestamp": lambda r=record: instant(r["ordered_at"]) is None,
            "bad_choice": lambda e=entity, r=record: r[CHOICES[e][0]] not in CHOICES[e][1],
            "missing_key": lambda r=record: r["payment_id"] == "",
            "missing_value": lambda e=entity, r=record: r[REQUIRED[e]] == "",
            "out_of_range": lambda e=entity, r=record: IMPOSSIBLE[e](r),
            "unknown_reference": lambda e=entity, r=record: len(unknown_parents(e, r, known)) == 1,
            "duplicate_key": lambda f=fields, s=same: s == [f, f],
            "conflicting_key": lambda s=same: len(s) == 2 and s[0] != s[1],
        }
        assert mistakes[row["reason"]](), row


def test_no_other_row_has_an_unknown_parent(demo: Demo):
    lost, known = lost_rows(demo), known_parents(demo)
    for entity in PARENTS:
        for line, _, record in records_of(demo, entity):
            if (entity, line) not in lost:
                assert unknown_parents(entity, record, known) == [], (entity, line)


def test_every_kind_of_mistake_is_there_and_mistakes_are_few(demo: Demo):
    counts = demo.answers["quarantine"]["counts"]
    assert {reason for reasons in counts.values() for reason in reasons} == {
        "bad_decimal",
        "bad_timestamp",
        "missing_key",
        "duplicate_key",
        "conflicting_key",
        "unknown_reference",
        "out_of_range",
        "bad_choice",
        "missing_value",
        "wrong_field_count",
    }
    for entity, reasons in counts.items():
        assert sum(reasons.values()) <= max(10, demo.answers["rows_read"][entity] * 0.05)
    assert {
        ("return_line", "unknown_reference"),
        ("invoice", "bad_decimal"),
        ("invoice", "unknown_reference"),
        ("opportunity_stage_change", "missing_value"),
        ("opportunity_stage_change", "unknown_reference"),
        ("activity", "bad_choice"),
        ("target", "bad_choice"),
        ("subscription", "duplicate_key"),
        ("ticket", "missing_value"),
        ("campaign_member", "unknown_reference"),
    } <= {(entity, reason) for entity, reasons in counts.items() for reason in reasons}


def test_the_files_hold_the_cases_that_are_easily_wrong(demo: Demo):
    orders = [r for _, _, r in records_of(demo, "order")]
    products = {r["product_id"] for _, _, r in records_of(demo, "product")}
    campaigns = {r["campaign_id"] for _, _, r in records_of(demo, "campaign")}
    lines = [r for _, _, r in records_of(demo, "order_line") if r]
    leads = [r for _, _, r in records_of(demo, "lead")]
    accounts = {r["account_id"]: r for _, _, r in records_of(demo, "account")}
    assert sum(line["product_id"] not in products for line in lines) == 1
    assert any("(unknown)" in members for members in demo.answers["revenue_by"]["product"]["year"].values())
    assert sum(x["campaign_id"] not in campaigns for x in leads if x["campaign_id"]) == 1
    assert any(not x["channel"] for x in leads)
    assert any(accounts[x["account_id"]]["is_deleted"] == "true" for x in leads if x["account_id"])
    assert any(accounts[o["account_id"]]["is_test"] > o["is_test"] for o in orders if o["account_id"] in accounts)
    assert any(not o["province"] for o in orders)
    assert any(not o["channel"] for o in orders)
    assert {o["status"] for o in orders} == STATUSES | {"teleported"}
    for order in orders:
        moment = instant(order["ordered_at"])
        if moment and f"{moment:%Y-%m}" != f"{moment.astimezone(BERLIN):%Y-%m}" and order["currency"] == "USD":
            break
    else:
        pytest.fail("no order in USD falls into another month in Berlin than in UTC")
    assert any(len(group) == 3 for group in demo.answers["customers"]["merged"])
    assert {s["sent_at"] for s in demo.answers["clock_change_surveys"]} == {
        "2024-03-31T00:59:59Z",
        "2024-03-31T01:00:00Z",
        "2024-10-26T23:59:59Z",
        "2024-10-27T02:00:00Z",
    }


def test_nothing_happens_after_the_end_or_twice_on_the_clock(demo: Demo):
    end = datetime.fromisoformat(demo.answers["company"]["as_of"])
    for entity in demo.answers["files"]:
        for _, _, record in records_of(demo, entity):
            for name, value in (record or {}).items():
                if name.endswith("_at") and name != "promised_at" and value and (moment := instant(value)):
                    aware = moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)
                    assert aware <= end, (entity, name, value)
                    if moment.tzinfo is None:
                        assert aware.astimezone(UTC).astimezone(BERLIN).replace(tzinfo=None) == moment
                        assert aware.utcoffset() == aware.replace(fold=1).utcoffset()


def test_the_whole_company_has_the_promised_size(tmp_path: Path):
    generate(tmp_path)
    rows = json.loads((tmp_path / "known_answers.json").read_text(encoding="utf-8"))["rows_read"]
    assert (rows["order"], rows["account"], rows["lead"]) == (4000, 1500, 2500)
    assert (rows["product"], rows["campaign"], rows["user"], rows["team"]) == (60, 12, 14, 4)
    assert 8_500 < rows["order_line"] < 9_500
    assert 2_050 < rows["survey_response"] < 2_250
    assert 4_000 < rows["ticket_event"] < 6_000
    assert 550 < rows["opportunity"] < 650
    assert 2_000 < rows["opportunity_stage_change"] < 4_000
    assert (rows["activity"], rows["ticket"]) == (6000, 700)
    assert 240 < rows["return_line"] < 260
    assert 1_000 < rows["invoice"] < 1_700
    assert 120 <= rows["subscription"] < 130
    assert 2_700 < rows["touchpoint"] < 3_800
    assert 1_600 < rows["campaign_member"] < 2_100
    assert 130 < rows["campaign_cost"] < 220


# Writing.


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path):
    generate(tmp_path / "here", seed=3, scale=0.02)
    code = (
        "import sys; from pathlib import Path; from pipelines.demo.write import generate; "
        "generate(Path(sys.argv[1]), seed=3, scale=0.02)"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "there")], check=True, env=environment)
    assert content(tmp_path / "here") == content(tmp_path / "there")


def test_writing_again_changes_nothing_and_another_seed_does(tmp_path: Path):
    generate(tmp_path, seed=3, scale=0.02)
    before = content(tmp_path)
    generate(tmp_path, seed=3, scale=0.02)
    assert content(tmp_path) == before
    generate(tmp_path, seed=4, scale=0.02)
    assert content(tmp_path)["source/order.csv"] != before["source/order.csv"]


def test_a_complete_demo_is_left_alone(tmp_path: Path):
    folder = ensure_demo(tmp_path / "demo", scale=0.02)
    edited = folder / "source" / "user.csv"
    edited.write_text("edited", encoding="utf-8")
    assert ensure_demo(folder, scale=0.02) == folder
    assert edited.read_text(encoding="utf-8") == "edited"


@pytest.mark.parametrize("lost", ["known_answers.json", "source/order.csv", "source/lead.csv.gz"])
def test_an_incomplete_demo_is_completed_and_other_files_stay(tmp_path: Path, lost: str):
    folder = ensure_demo(tmp_path / "demo", scale=0.02)
    before = content(folder)
    (folder / lost).unlink()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    ensure_demo(folder, scale=0.02)
    assert content(folder) == before | {"notes.txt": b"mine"}
    assert [p.name for p in tmp_path.iterdir()] == ["demo"]


def test_a_demo_of_another_size_or_version_is_replaced(tmp_path: Path):
    folder = ensure_demo(tmp_path / "demo", scale=0.02)
    answers = folder / "known_answers.json"
    current = content(folder)
    old = json.loads(answers.read_text(encoding="utf-8"))
    old["stamp"]["version"] = "older"
    answers.write_text(json.dumps(old), encoding="utf-8")
    (folder / "source" / "order.csv").write_text("old", encoding="utf-8")
    assert content(ensure_demo(folder, scale=0.02)) == current
    assert content(ensure_demo(folder, scale=0.1)) != current


def test_a_file_in_the_place_of_the_demo_is_an_error_that_says_so(tmp_path: Path):
    (tmp_path / "demo").write_text("mine", encoding="utf-8")
    with pytest.raises(RapportError, match=r"demo: is a file; the demo needs a folder"):
        ensure_demo(tmp_path / "demo", scale=0.02)
    assert (tmp_path / "demo").read_text(encoding="utf-8") == "mine"


# Laws.


def account(number: int, email: str, tax_id: str | None) -> Account:
    created = datetime(2023, 1, 1, tzinfo=UTC)
    return Account(f"A{number}", "", "person", None, "DE", "", "", email, None, tax_id, "", created)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a@x", " A@x", "b@x", "B@X ", "c@x", "d@x"]), st.sampled_from([None, "1", "2"]))
    ),
    st.randoms(use_true_random=False),
)
def test_who_is_the_same_customer_does_not_depend_on_the_order_of_accounts(marks, shuffler):
    accounts = [account(n, email, tax) for n, (email, tax) in enumerate(marks)]
    shuffled = shuffler.sample(accounts, len(accounts))
    records = [{"account_id": a.account_id, "email": a.email, "tax_id": a.tax_id or ""} for a in accounts]
    assert groups(customers_of(accounts)) == groups(customers_of(shuffled)) == groups(merged(records))


def groups(customers: dict[str, str]) -> set[frozenset[str]]:
    found = defaultdict(set)
    for account_id, customer in customers.items():
        found[customer].add(account_id)
    return {frozenset(group) for group in found.values()}


@pytest.mark.parametrize(
    ("exact", "cents"),
    [
        # The running totals are 0.005 0.010 0.015, in cents 0.01 0.01 0.02.
        (["0.005", "0.005", "0.005"], ["0.01", "0.00", "0.01"]),
        (["0.005"], ["0.01"]),
        (["-0.005"], ["-0.01"]),
        # 0.333 0.666 0.999, in cents 0.33 0.67 1.00.
        (["0.333", "0.333", "0.333"], ["0.33", "0.34", "0.33"]),
        # 0.005 -0.015 -0.005, in cents 0.01 -0.02 -0.01.
        (["0.005", "-0.020", "0.010"], ["0.01", "-0.03", "0.01"]),
        ([], []),
    ],
)
def test_an_order_is_rounded_once_and_its_lines_take_what_the_running_total_grows_by(exact, cents):
    assert [str(share) for share in booked(map(Decimal, exact))] == cents


def test_the_rate_is_that_of_the_local_day():
    rates = Rates(
        (
            ExchangeRate("USD", "EUR", date(2024, 7, 1), Decimal("0.93")),
            ExchangeRate("USD", "EUR", date(2024, 6, 1), Decimal("0.92")),
        )
    )
    assert rates.at("USD", datetime(2024, 6, 30, 23, 59, tzinfo=BERLIN)) == Decimal("0.92")
    assert rates.at("USD", datetime(2024, 6, 30, 22, 15, tzinfo=UTC)) == Decimal("0.93")
    assert rates.at("EUR", datetime(1999, 1, 1, tzinfo=UTC)) == 1
    with pytest.raises(LookupError, match="no rate from USD"):
        rates.at("USD", datetime(2024, 5, 31, 23, 59, tzinfo=BERLIN))
