"""What customers of Alder & Finch write when they answer a survey: English and Chinese, each with what is meant."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from pipelines.demo.calendar import local_day, period_keys
from pipelines.demo.customers import Population
from pipelines.demo.model import Company, SurveyResponse
from pipelines.demo.ticket_histories import histories

_SHARE = 0.35
_ENGLISH_SHARE = 0.7
_MIXED_SHARE = 0.15
_SENTIMENTS = ("negative", "neutral", "positive")
Cells = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True)
class Saying:
    """A comment, in words that leave no doubt: its language, sentiment and topics."""

    language: str
    sentiment: str
    topics: tuple[str, ...]
    text: str


def _sayings(language: str, sentiment: str, *rows: tuple[str, str]) -> tuple[Saying, ...]:
    return tuple(Saying(language, sentiment, tuple(topics.split()), text) for topics, text in rows)


SAYINGS = (
    *_sayings(
        "en",
        "positive",
        ("product", "The tent is excellent, I love it."),
        ("product", "Great backpack, very comfortable."),
        ("delivery", "Fast delivery, wonderful."),
        ("service", "Very friendly and helpful staff."),
        ("price", "Good value for money."),
        ("returns", "The refund was handled perfectly."),
        ("website", "The website is a pleasure to use."),
        ("product delivery", "Beautiful jacket and a super fast delivery."),
        ("service returns", "The agent was lovely and the exchange was easy."),
        ("other", "Very happy, thank you!"),
    ),
    *_sayings(
        "en",
        "negative",
        ("product", "The lamp is defective, terrible quality."),
        ("product", "The boots are awful and uncomfortable."),
        ("delivery", "The parcel is late again, I am angry."),
        ("service", "A rude hotline, this was horrible."),
        ("price", "Far too expensive, I feel cheated."),
        ("returns", "I hate waiting for my refund."),
        ("website", "The checkout is a disaster, it keeps failing."),
        ("product delivery", "The stove was damaged when the courier delivered it, very bad."),
        ("service returns", "The refund was refused by a rude agent."),
        ("other", "I am very disappointed."),
    ),
    *_sayings(
        "en",
        "neutral",
        ("product", "The jacket is for my brother."),
        ("delivery", "The parcel came on Tuesday."),
        ("price", "I have the invoice here."),
        ("other", "This is the second time."),
    ),
    *_sayings(
        "zh",
        "positive",
        ("product", "帐篷质量很好，非常满意。"),
        ("delivery", "物流很快，推荐。"),
        ("service", "客服耐心又专业。"),
        ("price", "价格实惠，性价比高。"),
        ("returns", "退款顺利，省心。"),
        ("website", "网站下单方便。"),
        ("product delivery", "外套很漂亮，包装也结实。"),
        ("other", "非常满意，谢谢！"),
    ),
    *_sayings(
        "zh",
        "negative",
        ("product", "水泵漏水，质量太差。"),
        ("delivery", "快递太慢，非常失望。"),
        ("service", "客服态度恶劣。"),
        ("price", "太贵，不值。"),
        ("returns", "迟迟不给退款，很生气。"),
        ("website", "网页打不开，登录也失败。"),
        ("product delivery", "快递送错，灯也坏了。"),
        ("other", "非常失望。"),
    ),
    *_sayings(
        "zh",
        "neutral",
        ("product", "外套是绿色的。"),
        ("delivery", "包裹星期二代收。"),
        ("other", "今年第二次。"),
    ),
)


def with_comments(rng: Random, surveys: tuple[SurveyResponse, ...]) -> tuple[SurveyResponse, ...]:
    """Return the surveys, about a third of the answered ones with a comment, in the language of the comment.

    Mostly the comment fits the score; sometimes it does not, as people are.
    """
    return tuple(_commented(rng, survey) if survey.responded_at else survey for survey in surveys)


def _commented(rng: Random, survey: SurveyResponse) -> SurveyResponse:
    if rng.random() >= _SHARE:
        return survey
    place = Fraction(survey.score - survey.scale_min) / Fraction(survey.scale_max - survey.scale_min)
    fitting = _SENTIMENTS[(place >= Fraction(1, 3)) + (place >= Fraction(2, 3))]
    sentiment = rng.choice(_SENTIMENTS) if rng.random() < _MIXED_SHARE else fitting
    language = "en" if rng.random() < _ENGLISH_SHARE else "zh"
    said = rng.choice([s for s in SAYINGS if (s.language, s.sentiment) == (language, sentiment)])
    return replace(survey, comment=said.text, language=language)


def feedback(company: Company, population: Population) -> dict[str, Cells]:
    """Return grain -> period -> topic|sentiment -> comments, and grain -> period -> all comments, each counted once.

    The subject of a ticket is its number, which says nothing of any topic.
    """
    meant = {saying.text: saying for saying in SAYINGS}
    orders = {order.order_id: order for order in company.orders}
    said = [
        (survey.responded_at.date(), meant[survey.comment].topics, meant[survey.comment].sentiment)
        for survey in company.survey_responses
        if survey.comment
        and survey.account_id not in population.test_accounts
        and (survey.order_id is None or population.bucket(orders[survey.order_id]) not in ("deleted", "test"))
    ]
    said += [(local_day(h.ticket.created_at), ("other",), "neutral") for h in histories(company, population)]
    cells: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for day, topics, sentiment in said:
        for grain, key in period_keys(day).items():
            cells[grain][key].update(f"{topic}|{sentiment}" for topic in topics)
            totals[grain][key] += 1
    sorted_cells = {
        grain: {key: dict(sorted(members.items())) for key, members in sorted(keys.items())}
        for grain, keys in cells.items()
    }
    return {
        "by_topic": sorted_cells,
        "comments": {grain: dict(sorted(totals[grain].items())) for grain in totals},
    }
