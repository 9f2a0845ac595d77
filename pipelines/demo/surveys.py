"""What Alder & Finch asks its customers. The survey tool writes naive Berlin times."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from pipelines.demo.calendar import AS_OF, local
from pipelines.demo.model import Account, Order, SurveyResponse

CSAT_DIMENSIONS = ("overall", "quality", "attitude", "delivery")
# The ordinary sides of the night in which a clock hour is missing, and of the one in which it comes twice.
CLOCK_CHANGE_TIMES = (
    datetime(2024, 3, 31, 1, 59, 59),
    datetime(2024, 3, 31, 3, 0, 0),
    datetime(2024, 10, 27, 1, 59, 59),
    datetime(2024, 10, 27, 3, 0, 0),
)
_SCALES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}
_WEIGHTS = {
    "csat": (4, 6, 14, 40, 36),
    "nps": (2, 1, 2, 2, 3, 6, 8, 14, 24, 22, 16),
    "ces": (3, 4, 8, 14, 26, 28, 17),
}
_NEVER = AS_OF.replace(tzinfo=None)


def make_surveys(
    rng: Random, count: int, orders: tuple[Order, ...], accounts: tuple[Account, ...]
) -> tuple[SurveyResponse, ...]:
    """Return about `count` surveys, by the time they were sent.

    Every order of a test account, and every deleted order, that was delivered has one. Flagged test orders have none.
    """
    tests = {a.account_id for a in accounts if a.is_test}
    delivered = [o for o in orders if o.delivered_at and not o.is_test]
    special = [o for o in delivered if o.is_deleted or o.account_id in tests]
    usual = [o for o in delivered if not o.is_deleted and o.account_id not in tests]
    plain = [a for a in accounts if not a.is_deleted and not a.is_test]
    surveys = [_about(rng, order, "csat", "overall") for order in special]
    surveys += [_survey(rng, "csat", "overall", plain[0].account_id, sent) for sent in CLOCK_CHANGE_TIMES]
    while len(surveys) < count:
        order = rng.choice(usual)
        kind = rng.choices(("csat", "nps", "ces"), (55, 28, 17))[0]
        dimensions = CSAT_DIMENSIONS[: rng.choice((1, 1, 4))] if kind == "csat" else ("overall",)
        surveys += [_about(rng, order, kind, dimension) for dimension in dimensions]
    sent = [survey for survey in surveys if survey is not None]
    sent.sort(key=lambda s: (s.sent_at, s.survey_kind, s.dimension, s.account_id))
    return tuple(_numbered(survey, n) for n, survey in enumerate(sent, start=1))


def _numbered(survey: SurveyResponse, number: int) -> SurveyResponse:
    return replace(survey, response_id=f"S{number:05}")


def _about(rng: Random, order: Order, kind: str, dimension: str) -> SurveyResponse | None:
    """Return a survey sent at an office hour some days after the delivery; None if that is still to come."""
    delivered = local(order.delivered_at).replace(tzinfo=None)
    day = delivered.replace(hour=0, minute=0, second=0) + timedelta(days=rng.randrange(1, 6))
    sent = day + timedelta(hours=rng.randrange(8, 19), minutes=rng.randrange(60), seconds=rng.randrange(60))
    # A promoter survey asks about the company, so it names no order.
    named = None if kind == "nps" else order
    return _survey(rng, kind, dimension, order.account_id, sent, named) if sent < _NEVER else None


def ticket_survey(rng: Random, account_id: str, ticket_id: str, solved: datetime) -> SurveyResponse | None:
    """Return a survey sent on the forenoon after a ticket was solved (naive Berlin time); None if that is to come."""
    sent = solved.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1, hours=9, minutes=30)
    survey = _survey(rng, "csat", "overall", account_id, sent)
    return replace(survey, ticket_id=ticket_id) if sent < _NEVER else None


def _survey(
    rng: Random, kind: str, dimension: str, account_id: str, sent: datetime, order: Order | None = None
) -> SurveyResponse:
    low, high = _SCALES[kind]
    midnight = sent.replace(hour=0, minute=0, second=0)
    answered = midnight + timedelta(days=rng.randrange(1, 9), minutes=rng.randrange(7 * 60, 23 * 60))
    score = rng.choices(range(low, high + 1), _WEIGHTS[kind])[0]
    answers = rng.random() < 0.62 and answered < _NEVER
    return SurveyResponse(
        response_id="",
        survey_kind=kind,
        dimension=dimension,
        score=Decimal(score) if answers else None,
        scale_min=Decimal(low),
        scale_max=Decimal(high),
        account_id=account_id,
        order_id=order.order_id if order else None,
        user_id=order.owner_user_id if order else None,
        sent_at=sent,
        responded_at=answered if answers else None,
        language=rng.choice(("de", "en", "fr")),
    )
