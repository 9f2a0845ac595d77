"""The readings of many comments as rows that hold no text."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from pipelines.feedback.read import Reading, read

# what is shown of a reading as an example: no more words than these
WORDS_SHOWN = 3
_REMEMBERED = 10_000


def reading_rows(comments: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row per comment and topic: source, kind, comment_id, language, sentiment, topic, words.

    A comment has source, kind, comment_id, text and language (that the source names; may be None). What has no text but
    spaces is no comment. `words` are at most three words of our lists, separated by commas; None where there are none.
    """
    # what many wrote in the same words is read once; nothing of it outlives the call
    read_once = lru_cache(maxsize=_REMEMBERED)(read)
    for comment in comments:
        if (comment["text"] or "").strip():
            reading = read_once(comment["text"], comment["language"])
            kept = {name: comment[name] for name in ("source", "kind", "comment_id")}
            yield from ({**kept, **row} for row in _topics(reading))


def _topics(reading: Reading) -> Iterator[dict[str, Any]]:
    for topic, words in reading.topics:
        shown = ", ".join(words[:WORDS_SHOWN]) or None
        yield {"language": reading.language, "sentiment": reading.sentiment, "topic": topic, "words": shown}
