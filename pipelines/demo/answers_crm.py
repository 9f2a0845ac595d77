"""The known answers about leads, opportunities and surveys."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from statistics import median

from pipelines.demo.calendar import local_day, period_keys
from pipelines.demo.customers import Population
from pipelines.demo.model import Company, Lead, SurveyResponse
from pipelines.demo.totals import UNKNOWN, six

_SATISFIED = {"csat": 4, "nps": 9, "ces": 5}
_COUNTS = ("leads", "qualified", "converted", "won")


def leads(company: Company) -> dict[str, dict]:
    """Return the lead funnel by the local period in which the lead was created.

    `by_channel` (month and year) and `by_campaign` (year): period -> member -> counts. `by_year`: year -> counts and
    median_days_to_convert. Test leads are left out and counted in `excluded`.
    """
    funnel = _Funnel(company)
    counted = [lead for lead in company.leads if not lead.is_test]
    known = {c.campaign_id for c in company.campaigns}

    def channel(lead: Lead) -> str:
        return lead.channel or UNKNOWN

    def campaign(lead: Lead) -> str:
        return lead.campaign_id if lead.campaign_id in known else UNKNOWN

    def everyone(_: Lead) -> str:
        return ""

    return {
        "by_channel": {grain: funnel.by(counted, grain, channel) for grain in ("month", "year")},
        "by_campaign": {"year": funnel.by(counted, "year", campaign)},
        "by_year": {year: members[""] for year, members in funnel.by(counted, "year", everyone).items()},
        "excluded": {"test": len(company.leads) - len(counted)},
    }


class _Funnel:
    """What became of each lead."""

    def __init__(self, company: Company) -> None:
        self._begun: dict[str, datetime] = {}
        self._won = {o.lead_id for o in company.opportunities if o.outcome == "won"}
        for deal in company.opportunities:
            if deal.lead_id:
                begun = self._begun.get(deal.lead_id, deal.created_at)
                self._begun[deal.lead_id] = min(begun, deal.created_at)

    def by(self, leads: list[Lead], grain: str, member: Callable[[Lead], str]) -> dict[str, dict[str, dict]]:
        groups: dict[str, dict[str, list[Lead]]] = {}
        for lead in leads:
            key = period_keys(local_day(lead.created_at))[grain]
            groups.setdefault(key, {}).setdefault(member(lead), []).append(lead)
        return {
            key: {name: self._figures(found, grain) for name, found in sorted(members.items())}
            for key, members in sorted(groups.items())
        }

    def _figures(self, leads: list[Lead], grain: str) -> dict[str, int | str | None]:
        ended = [(lead, lead.converted_at or self._begun.get(lead.lead_id)) for lead in leads]
        waits = [_days(end - lead.created_at) for lead, end in ended if end]
        flags = (
            len(leads),
            sum(lead.qualified_at is not None for lead in leads),
            len(waits),
            sum(lead.lead_id in self._won for lead in leads),
        )
        figures: dict[str, int | str | None] = dict(zip(_COUNTS, flags, strict=True))
        if grain == "year":
            figures["median_days_to_convert"] = six(median(waits)) if waits else None
        return figures


def opportunities_by_outcome(company: Company) -> dict[str, int]:
    """Return outcome -> number of opportunities that are neither test nor deleted."""
    tests = {a.account_id for a in company.accounts if a.is_test}
    counted = [o for o in company.opportunities if not (o.is_test or o.is_deleted or o.account_id in tests)]
    return dict(sorted(Counter(o.outcome for o in counted).items()))


def surveys(company: Company, population: Population) -> dict[str, dict]:
    """Return `by_month`: kind|dimension -> month -> figures, and how many rows are `excluded` by bucket.

    `sent` counts by the month of sending; responses, satisfied and mean_score by the month of the response.
    """
    orders = {o.order_id: o for o in company.orders}
    excluded: Counter[str] = Counter({"deleted": 0, "test": 0})
    sent: Counter[tuple[str, str]] = Counter()
    scores: dict[tuple[str, str], list[SurveyResponse]] = {}
    for survey in company.survey_responses:
        bucket = population.bucket(orders[survey.order_id]) if survey.order_id else None
        if bucket != "deleted" and survey.account_id in population.test_accounts:
            bucket = "test"
        if bucket in ("deleted", "test"):
            excluded[bucket] += 1
            continue
        kind = f"{survey.survey_kind}|{survey.dimension}"
        sent[kind, f"{survey.sent_at:%Y-%m}"] += 1
        if survey.responded_at:
            scores.setdefault((kind, f"{survey.responded_at:%Y-%m}"), []).append(survey)
    found: dict[str, dict] = {}
    for kind, month in sorted({*sent, *scores}):
        answers = scores.get((kind, month), [])
        found.setdefault(kind, {})[month] = {"sent": sent[kind, month], **_answered(answers)}
    return {"by_month": found, "excluded": dict(excluded)}


def _answered(answers: list[SurveyResponse]) -> dict[str, int | str | None]:
    values = [Fraction(survey.score) for survey in answers]
    return {
        "responses": len(values),
        "satisfied": sum(survey.score >= _SATISFIED[survey.survey_kind] for survey in answers),
        "mean_score": six(sum(values) / len(values)) if values else None,
    }


def _days(wait: object) -> Fraction:
    return Fraction(int(wait.total_seconds()), 86_400)
