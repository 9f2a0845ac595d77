"""The known answers about many branches: those about one, each times what it grows by.

The answers that go in were worked out inside `of_size`, from a company whose targets are as large as that size makes
them: what is rounded after adding up, percentiles and margins are already those of all branches.
"""

import re
from decimal import Decimal

from pipelines.demo.size import Size

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_BY_BRANCH, _BY_ACTIVITY, _IN_FIRST, _KEPT = "branches", "activities", "first branch", "kept"

# What is about the company, or about customers and rows that are named: those of the first branch.
_SAME = frozenset(
    (
        *("company", "notes", "projects", "booked_hours", "report_adoption", "buying_now", "customer_classes"),
        *("customer_profiles", "customer_journeys", "clock_change_surveys", "four_decimal_lines"),
    )
)
_ADDED_UP = frozenset(
    (
        *("orders_by_status", "sales", "revenue_by", "excluded_revenue", "payments", "leads"),
        *("opportunities_by_outcome", "returns", "receivables", "campaign_costs", "sales_team", "interactions"),
        *("pipeline", "pipeline_movement", "win_rates", "sales_cycles", "lost_reasons", "funnel", "surveys"),
        *("feedback", "campaigns", "campaign_trend", "attribution", "competitors", "markets", "customer_base"),
        *("customers", "customer_segments", "sales_by_segment", "customer_churn", "churn_reasons"),
        *("customer_retention", "customer_loyalty", "revenue_retention", "silent_customers", "service_backlog"),
        *("service_requests", "service_response_times", "service_sla", "service_agents", "service_costs"),
        *("complaints", "other_costs"),
    )
)
# Figures that are no sums, wherever they are.
_NO_SUM = re.compile(r"(median|p90|mean|business_mean|nps|grr|nrr|uplift|oldest|is)(_\w+)?|main_reason")
# Figures of a section that grow by something else than the number of branches.
_OTHERWISE = {
    "attribution": {"conversions": _KEPT, "revenue": _KEPT, "markov": _KEPT},
    "competitors": {"seen": _KEPT, "price": _KEPT, "price_on": _KEPT},
    "customers": {"merged": _KEPT},
    "markets": {"size": _KEPT, "size_before": _KEPT, "publisher": _KEPT},
    "service_agents": {"handle_minutes": _KEPT},
    "sales_team": {"target": _KEPT, "activities": _BY_ACTIVITY},
    "interactions": {
        "call_minutes": _KEPT,
        **dict.fromkeys(
            ("interactions", "emails_sent", "opened", "replied", "calls", "meetings", "could_be", "followed"),
            _BY_ACTIVITY,
        ),
    },
    "win_rates": {"mature": _KEPT},
}
OF_THE_FIRST_BRANCH = (
    *("buying_now", "clock_change_surveys", "customer_churn", "customer_classes", "customer_journeys"),
    *("customer_profiles", "customers.merged", "four_decimal_lines", "other_costs.by_customer", "quarantine.rows"),
)
_CLASSES = {"abc_class": "which of two equal customers is beyond the limit depends on their numbers"}
_SEGMENTS = {"abc|*": "which of two equal customers is beyond the limit depends on their numbers"}
_STEPS = {"steps": "of customers whose activities are there more than once"}


def answers_at_size(answers: dict, wanted: Size) -> tuple[dict, dict[str, str]]:
    """Return the answers about `wanted` branches, and the names of those that are not known, with why.

    Rows read and quarantined are to be counted table by table instead.
    """
    found, unknown = {}, {}
    first = wanted.activities // wanted.branches + bool(wanted.activities % wanted.branches)
    for section, value in answers.items():
        if section not in _SAME | _ADDED_UP:
            unknown[section] = "nobody has said how it grows"
            continue
        left_out = _left_out(section, wanted)
        unknown |= {f"{section}: {name}": why for name, why in left_out.items()}
        kept = _without(value, {name.rstrip("*") for name in left_out})
        found[section] = kept if section in _SAME else _grown(section, (), kept, wanted, first)
    return found, unknown


def _left_out(section: str, wanted: Size) -> dict[str, str]:
    if wanted.branches > 1 and section in ("customer_classes", "customer_profiles"):
        return _CLASSES
    if wanted.branches > 1 and section in ("customer_segments", "sales_by_segment"):
        return _SEGMENTS
    return _STEPS if section == "customer_journeys" and wanted.activities > wanted.branches else {}


def _without(value: object, names: set[str]) -> object:
    """Return nested answers without those of these names; `abc|` is any name with a part of that kind."""
    if not names or not isinstance(value, dict):
        return value
    return {
        key: _without(inner, names)
        for key, inner in value.items()
        if not any(key == name or (name.endswith("|") and f"|{name}" in f"|{key}") for name in names)
    }


def _grown(section: str, path: tuple[str, ...], value: object, wanted: Size, first: int) -> object:
    if isinstance(value, dict):
        return {key: _grown(section, (*path, key), inner, wanted, first) for key, inner in value.items()}
    if isinstance(value, list):
        return [_grown(section, path, inner, wanted, first) for inner in value]
    times = {_BY_BRANCH: wanted.branches, _BY_ACTIVITY: wanted.activities, _IN_FIRST: first, _KEPT: 1}
    return _times(value, times[_rule(section, path)])


def _rule(section: str, path: tuple[str, ...]) -> str:
    for name in path:
        if name in _OTHERWISE.get(section, {}):
            return _OTHERWISE[section][name]
    if section == "customer_churn":
        return _IN_FIRST if path[-1].startswith("interactions_") else _KEPT
    if section == "other_costs" and path[0] == "by_customer" and path[-1] != "(unassigned)":
        return _KEPT
    return _KEPT if _NO_SUM.fullmatch(path[-1]) else _BY_BRANCH


def _times(value: object, times: int) -> object:
    """Return a number, or a number as text, so many times; what is none stays as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value * times
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return f"{Decimal(value) * times:f}"
    return value
