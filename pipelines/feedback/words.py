"""The words that comments are read by."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

WORDS = Path(__file__).with_name("words.yml")
ENGLISH, CHINESE = "en", "zh"


@dataclass(frozen=True)
class Words:
    """The words of each topic by language, and the lists by which sentiment is read."""

    topics: dict[str, dict[str, tuple[str, ...]]]
    english: dict[str, tuple[str, ...]]
    chinese: dict[str, tuple[str, ...]]


@cache
def load_words() -> Words:
    """Return the words of words.yml; topics and words are in the order of the file."""
    content = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    topics = {topic: _tuples(lists) for topic, lists in content["topics"].items()}
    return Words(topics, _tuples(content["english"]), _tuples(content["chinese"]))


def _tuples(lists: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in lists.items()}


@cache
def finder(language: str) -> re.Pattern[str]:
    """Return what finds the words of all topics in a text of a language, the longest of those that begin together."""
    words = {word for lists in load_words().topics.values() for word in lists[language]}
    choice = "|".join(re.escape(word) for word in longest_first(words))
    return re.compile(rf"\b({choice})(?:s|es)?\b" if language == ENGLISH else f"({choice})")


@cache
def feelings() -> tuple[re.Pattern[str], dict[str, str]]:
    """Return what finds the words of Chinese sentiment, and word -> its list."""
    kinds = {word: kind for kind, words in load_words().chinese.items() for word in words}
    return re.compile("|".join(map(re.escape, longest_first(kinds)))), kinds


def longest_first(words: object) -> list[str]:
    """Return the words so that none stands before a longer one that begins with it."""
    return sorted(words, key=lambda word: (-len(word), word))
