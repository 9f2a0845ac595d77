"""Reads a comment: its language, how its writer feels, and what it is about.

The language is that of the script: Han characters without kana are Chinese, Latin letters English unless the source
names another language. English sentiment is the compound score of vaderSentiment, with some words of trade added to it;
Chinese sentiment and the topics of both languages are read by the lists in words.yml. What is in no language that can
be read is `(unknown)`, not neutral.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from pipelines.feedback.words import CHINESE, ENGLISH, feelings, finder, load_words

POSITIVE, NEUTRAL, NEGATIVE = "positive", "neutral", "negative"
UNKNOWN, OTHER = "(unknown)", "other"
SENTIMENTS = (POSITIVE, NEUTRAL, NEGATIVE)
# the limits that the authors of VADER give for its compound score
THRESHOLD = 0.05
# what an English word of ours weighs on VADER's scale from -4 to 4: as much as a word of medium strength
OWN_WORD = 1.5
# how many characters may stand between a Chinese negation and the word that it turns
REACH = 3
# what stands for a comment that was erased: a hash of it, and its reading
_ERASED = re.compile(r"erased [0-9a-f]{24} \[([^\];]+);([^\];]+);([^\]]+)\]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_CLAUSES = re.compile(r"[,.!?;:，。！？；：、~…\s]+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Reading:
    """A comment without its text: `en`, `zh` or `(unknown)`; the sentiment; topic -> words of our lists found in it."""

    language: str
    sentiment: str
    topics: tuple[tuple[str, tuple[str, ...]], ...]


UNREAD = Reading(UNKNOWN, UNKNOWN, ((UNKNOWN, ()),))


def read(text: str, stated: str | None = None) -> Reading:
    """Return the reading of a comment; `stated` is the language that the source names, such as `en` or `pt-BR`.

    A comment without a word of any topic has the topic `other`. One that was erased has the reading that it had.
    Nothing is raised, whatever the text is.
    """
    if known := kept_reading(text):
        return _as_stated(known, stated)
    plain = _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    language = language_of(plain, stated)
    if language == UNKNOWN:
        return UNREAD
    sentiment = chinese_sentiment(plain) if language == CHINESE else english_sentiment(plain)
    return Reading(language, sentiment, topics_of(plain, language))


def language_of(text: str, stated: str | None = None) -> str:
    """Return `zh`, `en` or `(unknown)`; Latin letters are English unless `stated` is another language."""
    names = [unicodedata.name(letter, "") for letter in set(text) if letter.isalpha()]
    if not all(name.startswith(("LATIN", "CJK", "FEMININE", "MASCULINE")) for name in names):
        return UNKNOWN
    if _HAN.search(text):
        return CHINESE
    return ENGLISH if (stated or ENGLISH).strip().lower().startswith(ENGLISH) else UNKNOWN


def remembered(text: str) -> str:
    """Return the reading of a text as words of ours, to be kept where the text is erased."""
    reading = read(text)
    topics = ("=".join((topic, ",".join(words))) for topic, words in reading.topics)
    return ";".join((reading.language, reading.sentiment, *topics))


def kept_reading(text: str) -> Reading | None:
    """Return the reading kept in a text that was erased; None for any other, also one that only looks like it."""
    erased = _ERASED.fullmatch(text)
    if not erased:
        return None
    language, sentiment, rest = erased.groups()
    pairs = (topic.partition("=") for topic in rest.split(";"))
    topics = tuple((topic, tuple(filter(None, words.split(",")))) for topic, _, words in pairs)
    reading, lists = Reading(language, sentiment, topics), load_words().topics
    is_ours = reading == UNREAD or (
        language in (ENGLISH, CHINESE)
        and sentiment in SENTIMENTS
        and len(dict(topics)) == len(topics)
        and (
            topics == ((OTHER, ()),)
            or all(words and set(words) <= set(lists.get(topic, {}).get(language, ())) for topic, words in topics)
        )
    )
    return reading if is_ours else None


def _as_stated(reading: Reading, stated: str | None) -> Reading:
    """Return what the reading is where the source names a language: Latin letters are then not taken for English."""
    return UNREAD if reading.language == ENGLISH and language_of("", stated) == UNKNOWN else reading


def english_sentiment(text: str) -> str:
    """Return positive from a compound score of 0.05, negative to one of -0.05, and neutral between them."""
    score = _vader().polarity_scores(text)["compound"]
    return POSITIVE if score >= THRESHOLD else NEGATIVE if score <= -THRESHOLD else NEUTRAL


def chinese_sentiment(text: str) -> str:
    """Return whether positive or negative words are more, each turned by an odd number of negations before it."""
    pattern, kinds = feelings()
    balance = 0
    for clause in _CLAUSES.split(text.lower()):
        sign, reach = 1, -1
        for found in pattern.finditer(clause):
            kind = kinds[found[0]]
            if found.start() > reach:
                sign = 1
            if kind == "negation":
                sign, reach = -sign, found.end() + REACH
            elif kind != "idle":
                balance += sign if kind == POSITIVE else -sign
    return POSITIVE if balance > 0 else NEGATIVE if balance < 0 else NEUTRAL


def topics_of(text: str, language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return topic -> words of its list that are in the text, in the order of the list; `other` without any."""
    found = set(finder(language).findall(text.lower().replace("’", "'")))
    topics = {
        topic: tuple(word for word in lists[language] if word in found) for topic, lists in load_words().topics.items()
    }
    return tuple((topic, words) for topic, words in topics.items() if words) or ((OTHER, ()),)


@cache
def _vader() -> SentimentIntensityAnalyzer:
    """Return the analyzer with our words of trade added to its own."""
    analyzer, words = SentimentIntensityAnalyzer(), load_words().english
    analyzer.lexicon.update(dict.fromkeys(words[POSITIVE], OWN_WORD) | dict.fromkeys(words[NEGATIVE], -OWN_WORD))
    for word in words["idle"]:
        analyzer.lexicon.pop(word, None)
    return analyzer
