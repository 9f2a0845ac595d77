"""The known answers about customers, put together."""

from pipelines.demo.answers_churn import churn_reasons, customer_churn
from pipelines.demo.answers_classes import Classes, class_answers
from pipelines.demo.answers_loyalty import loyalty, retention, revenue_retention
from pipelines.demo.answers_profiles import customer_journeys, customer_profiles
from pipelines.demo.answers_segments import customer_segments, sales_by_segment
from pipelines.demo.answers_silent import silent_customers
from pipelines.demo.customer_events import CustomerEvents
from pipelines.demo.customers import Population
from pipelines.demo.deal_history import Deal
from pipelines.demo.model import Company
from pipelines.demo.money import Rates


def customer_answers(company: Company, population: Population, deals: list[Deal]) -> dict[str, dict]:
    """Return the answers about single customers, classes and segments, churn and loyalty, by their names.

    A customer is named after its first account, which also says what the customer is.
    """
    events = CustomerEvents(company, population, deals)
    classes = Classes(events)
    return {
        "customer_classes": class_answers(events, classes),
        "customer_segments": customer_segments(events, classes),
        "sales_by_segment": sales_by_segment(events, classes),
        "customer_profiles": customer_profiles(events, classes),
        "customer_journeys": customer_journeys(events, classes),
        "customer_churn": customer_churn(events),
        "churn_reasons": churn_reasons(events),
        "customer_retention": retention(events),
        "customer_loyalty": loyalty(events),
        "revenue_retention": revenue_retention(events, Rates(company.exchange_rates)),
        "silent_customers": silent_customers(events),
    }
