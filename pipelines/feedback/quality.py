"""Holds readings against comments that people have labelled: `python -m pipelines.feedback.quality FILE`."""

import csv
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from pipelines.feedback.read import NEGATIVE, POSITIVE, SENTIMENTS, read
from pipelines.paths import PROJECT

SAMPLE = PROJECT / "tests" / "feedback" / "sample.csv"


@dataclass(frozen=True)
class Labelled:
    """A comment with what a person says of it."""

    language: str
    sentiment: str
    topics: frozenset[str]
    text: str


@dataclass(frozen=True)
class Quality:
    """How many comments there are, and how many of them are read as a person does.

    `baseline` is how many would be if each were given the commonest sentiment; `turned` how many positive ones are read
    as negative or the other way round. Precision and recall of topics are over all pairs of comment and topic.
    """

    comments: int
    sentiment: int
    baseline: int
    turned: int
    topics: int
    precision: float
    recall: float


def load_sample(file: Path = SAMPLE) -> list[Labelled]:
    """Return the comments of a file with the columns language, sentiment, topics (separated by |) and text."""
    with file.open(encoding="utf-8", newline="") as rows:
        return [
            Labelled(row["language"], row["sentiment"], frozenset(row["topics"].split("|")), row["text"])
            for row in csv.DictReader(rows)
        ]


def measure(sample: list[Labelled]) -> dict[str, Quality]:
    """Return language -> quality."""
    by_language: dict[str, list[Labelled]] = defaultdict(list)
    for comment in sample:
        by_language[comment.language].append(comment)
    return {language: _quality(comments) for language, comments in by_language.items()}


def _quality(comments: list[Labelled]) -> Quality:
    readings = [read(comment.text) for comment in comments]
    pairs = list(zip(comments, readings, strict=True))
    found = [frozenset(topic for topic, _ in reading.topics) for reading in readings]
    right = sum(len(comment.topics & topics) for comment, topics in zip(comments, found, strict=True))
    return Quality(
        comments=len(comments),
        sentiment=sum(comment.sentiment == reading.sentiment for comment, reading in pairs),
        baseline=max(Counter(comment.sentiment for comment in comments).values()),
        turned=sum({comment.sentiment, reading.sentiment} == {POSITIVE, NEGATIVE} for comment, reading in pairs),
        topics=sum(comment.topics == topics for comment, topics in zip(comments, found, strict=True)),
        precision=right / sum(map(len, found)),
        recall=right / sum(len(comment.topics) for comment in comments),
    )


def table(sample: list[Labelled]) -> str:
    """Return what was measured as a table in Markdown, and for each language who was taken for what."""
    lines = [
        "| language | comments | sentiment right | commonest label | turned round | topics all right | precision | recall |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for language, one in measure(sample).items():
        shares = (f"{count} ({count / one.comments:.0%})" for count in (one.sentiment, one.baseline))
        lines.append(
            f"| {language} | {one.comments} | {' | '.join(shares)} | {one.turned} | "
            f"{one.topics} ({one.topics / one.comments:.0%}) | {one.precision:.0%} | {one.recall:.0%} |"
        )
    taken = Counter((c.language, c.sentiment, read(c.text).sentiment) for c in sample)
    lines += ["", "| language | labelled | " + " | ".join(f"read as {name}" for name in SENTIMENTS) + " |"]
    lines.append("|---" * (2 + len(SENTIMENTS)) + "|")
    for language, label in sorted({(c.language, c.sentiment) for c in sample}):
        counts = (str(taken[language, label, name]) for name in SENTIMENTS)
        lines.append(f"| {language} | {label} | {' | '.join(counts)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the quality on a file, or on the sample of the tests."""
    print(table(load_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)))


if __name__ == "__main__":
    main()
