"""Everything that is known about the demo, computed from the rows that were generated and from nothing else."""

from collections import Counter

from pipelines.demo.answers_attribution import attribution
from pipelines.demo.answers_crm import leads, opportunities_by_outcome, surveys
from pipelines.demo.answers_customers import customer_answers
from pipelines.demo.answers_deals import funnel, lost_reasons, sales_cycles, win_rates
from pipelines.demo.answers_documents import campaign_costs, receivables, returned
from pipelines.demo.answers_market import competitors, markets
from pipelines.demo.answers_marketing import campaign_trend, campaigns
from pipelines.demo.answers_office import booked_hours, buying_now, other_costs, projects, report_adoption
from pipelines.demo.answers_pipeline import movement, pipeline
from pipelines.demo.answers_promises import agents, promises, service_costs
from pipelines.demo.answers_sales import excluded_revenue, orders_by_status, payments, revenue_breakdowns, sales
from pipelines.demo.answers_service import Desk, backlog, complaints, requests, response_times
from pipelines.demo.answers_team import interactions, sales_team
from pipelines.demo.calendar import AS_OF, BERLIN
from pipelines.demo.comments import feedback
from pipelines.demo.company import NAME
from pipelines.demo.customers import ACTIVE_DAYS, CHURN_DAYS, Population, customer_base
from pipelines.demo.deal_history import deals_of
from pipelines.demo.files import text
from pipelines.demo.model import Company
from pipelines.demo.money import REPORTING_CURRENCY
from pipelines.demo.spoil import SpoiltCompany
from pipelines.demo.surveys import CLOCK_CHANGE_TIMES

_NOTES = {
    "amounts": "Text, in the reporting currency; *_exact is unrounded. The others are sums of cents: every order (its "
    "revenue, its cost) and every payment is rounded once, half away from zero, and an order's lines, by id, each take "
    "what the rounded running total grows by.",
    "periods": "Of the calendar of Berlin; rates are those of the local day of the order or payment.",
    "customers": "Named after their first account. customer_churn is by customer and day; a segment is written "
    "kind|segment, in the years of sales_by_segment product line|kind|segment.",
    "quarantine": "line is the line in the file, the header being line 1; key is empty where the line has none.",
    "survey_times": "The survey file has Berlin times without an offset, none of them in an hour that is missing or "
    "comes twice. clock_change_surveys are those beside such an hour.",
}


def known_answers(spoilt: SpoiltCompany) -> dict:
    """Return the known answers, ready to be written as JSON; only good rows count in the figures."""
    good = spoilt.good
    population = Population(good)
    deals = deals_of(good, population.test_accounts)
    return {
        "company": {
            "name": NAME,
            "currency": REPORTING_CURRENCY,
            "time_zone": str(BERLIN),
            "as_of": AS_OF.isoformat(),
            "active_days": ACTIVE_DAYS,
            "churn_days": CHURN_DAYS,
        },
        "notes": _NOTES,
        "rows_read": {entity: len(rows) for entity, rows in spoilt.rows.items()},
        "quarantine": _quarantine(spoilt),
        "orders_by_status": orders_by_status(good, population),
        "sales": sales(good, population),
        "revenue_by": revenue_breakdowns(good, population),
        "excluded_revenue": excluded_revenue(good, population),
        "payments": payments(good, population),
        "leads": leads(good),
        "opportunities_by_outcome": opportunities_by_outcome(good),
        "returns": returned(good, population),
        "receivables": receivables(good, population),
        "campaign_costs": campaign_costs(good),
        "sales_team": sales_team(good, population, deals),
        "interactions": interactions(good, population),
        "pipeline": pipeline(deals),
        "pipeline_movement": movement(deals),
        "win_rates": win_rates(deals),
        "sales_cycles": sales_cycles(deals),
        "lost_reasons": lost_reasons(deals),
        "funnel": funnel(good, deals),
        "surveys": surveys(good, population),
        "feedback": feedback(good, population),
        "campaigns": campaigns(good, population, deals),
        "campaign_trend": campaign_trend(good, population, deals),
        "attribution": attribution(good, population, deals),
        "competitors": competitors(good, deals),
        "markets": markets(good, population),
        "customer_base": customer_base(population),
        "customers": _customers(good, population),
        **customer_answers(good, population, deals),
        **_service(Desk(good, population)),
        "other_costs": other_costs(good, population),
        "projects": projects(good, population),
        "booked_hours": booked_hours(good),
        "report_adoption": report_adoption(good),
        "buying_now": buying_now(population),
        "clock_change_surveys": [
            {"response_id": survey.response_id, "sent_at": text(survey.sent_at.replace(tzinfo=BERLIN))}
            for survey in good.survey_responses
            if survey.sent_at in CLOCK_CHANGE_TIMES
        ],
        "four_decimal_lines": [
            line.order_line_id for line in good.order_lines if line.unit_price != round(line.unit_price, 2)
        ],
    }


def _service(desk: Desk) -> dict:
    return {
        "service_backlog": backlog(desk),
        "service_requests": requests(desk),
        "service_response_times": response_times(desk),
        "service_sla": promises(desk),
        "service_agents": agents(desk),
        "service_costs": service_costs(desk),
        "complaints": complaints(desk),
    }


def _quarantine(spoilt: SpoiltCompany) -> dict:
    """Return every row that must be quarantined, and how many there are by entity and reason."""
    rows = [
        {"entity": entity, "key": row.key, "reason": row.reason, "line": line}
        for entity, found in spoilt.rows.items()
        for line, row in enumerate(found, start=2)
        if row.reason
    ]
    counts = Counter((row["entity"], row["reason"]) for row in rows)
    entities = sorted({entity for entity, _ in counts})
    return {
        "rows": rows,
        "counts": {e: {reason: n for (entity, reason), n in sorted(counts.items()) if entity == e} for e in entities},
    }


def _customers(good: Company, population: Population) -> dict:
    """Return how many customers there are, and those known by more than one account."""
    groups: dict[str, list[str]] = {}
    for account_id, customer in population.customer.items():
        groups.setdefault(customer, []).append(account_id)
    return {
        "customers": len(population.first_seen()),
        "with_a_purchase": len(population.purchases),
        "merged": sorted(accounts for accounts in groups.values() if len(accounts) > 1),
    }
